import Foundation

struct PicturesView {
  let pictures: [PictureView]
}

struct PictureView {
  let id: String
  let title: String
  let caption: String
  let alternative: String
  let image: ImageView
  let legend: LegendView?
  let isWide: Bool

  init(_ picture: Page.Picture) {
    id = picture.id
    title = picture.title
    caption = picture.caption
    alternative = picture.alternative
    image = ImageView(picture.image)
    isWide = picture.isWide
    legend = picture.legend.isEmpty ? nil : LegendView(entries: picture.legend.map(LegendEntryView.init))
  }
}

struct ImageView {
  /// Base 64: needs no escape.
  let bytes: String
  let width: Int
  let height: Int

  init(_ image: Page.Image) {
    bytes = image.png.base64EncodedString()
    width = image.width
    height = image.height
  }
}

struct LegendView {
  let entries: [LegendEntryView]
}

struct LegendEntryView {
  let image: ImageView
  let look: String
  let meaning: String

  init(_ entry: Page.LegendEntry) {
    image = ImageView(entry.image)
    look = entry.look
    meaning = entry.meaning
  }
}

struct ViewerView {
  let title: String
  let note: String?
  /// JSON; the template escapes it into an attribute.
  let about: String
  let contrasts: [ChoiceView]
  let regions: [ChoiceView]
  let planes: [PlaneView]
  let hasReference: Bool
  let scans: [String]
  let labels: String
  let heat: [String]

  init(_ viewer: Page.Viewer) {
    title = viewer.title
    note = viewer.note
    about = Self.json(viewer.about)
    contrasts = viewer.about.contrasts.enumerated().map { ChoiceView(value: $0, name: $1.name) }
    regions = viewer.about.regions.enumerated().map { ChoiceView(value: $0, name: $1) }
    planes = viewer.about.planes.map { PlaneView(name: $0.name, last: viewer.about.size[$0.normal] - 1) }
    hasReference = viewer.about.hasReference
    scans = viewer.scans.map { $0.base64EncodedString() }
    labels = viewer.labels.base64EncodedString()
    heat = viewer.heat.map { $0.base64EncodedString() }
  }

  private static func json(_ about: Page.About) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(about) else {
      preconditionFailure("a viewer's numbers are finite")
    }
    return String(decoding: data, as: UTF8.self)
  }
}

struct ChoiceView {
  let value: Int
  let name: String
}

struct PlaneView {
  let name: String
  /// The last slice.
  let last: Int
}
