import Foundation
import Foundations
import Imaging
import Pictures
import Reporting
import Terminal

/// Slices of a case that was read and checked.
struct CaseSlices {
  private let scans: [(contrast: String, volume: Volume)]
  private let labels: LabelVolume?
  private let prediction: LabelVolume?
  private let labelNames: [LabelName]
  private let view: SliceView
  private let planes: [AnatomicalPlane]
  private let slice: Int?

  /// Reads what is asked for. Throws as `CaseView.execute`.
  init(_ request: CaseView.Request) throws {
    let found = try ViewedCase.find(request.path, layout: request.layout)
    let loop = ParallelLoop(threads: request.threads)
    let files = CaseFiles(
      name: found.files.name, images: try Self.chosen(request, of: found.files),
      label: request.labels ?? found.files.label)
    for path in files.paths where !FileManager.default.fileExists(atPath: path) {
      throw FileError.notFound(path: path)
    }
    let predicted = try request.prediction.map { path in
      guard FileManager.default.fileExists(atPath: path) else { throw FileError.notFound(path: path) }
      return Folder.exists(path) ? try Evaluation.prediction(of: files, site: found.site, in: path) : path
    }
    let loaded = try CaseLoader.loadCase(files, loop: loop)
    let geometry = loaded.images[0].geometry
    let map = try predicted.map { path in
      let map = try CaseLoader.readLabels(path)
      try CaseCheck.sameGrid(map.geometry, path, as: geometry, files.images[0].path)
      return map
    }
    let names = request.contrasts.filter { name in !files.images.contains { $0.contrast == name } }
    scans = zip(loaded.contrasts, loaded.images).filter { contrast, _ in
      // A channel of a picture in colour was asked for by its own name.
      names.isEmpty || names.contains(contrast) || request.contrasts.contains { contrast.hasPrefix($0 + ".") }
        || request.contrasts.contains(contrast)
    }.map { ($0, $1) }
    (labels, prediction, labelNames) = (loaded.labels, map, found.labelNames)
    (view, slice) = (try files.view, request.slice)
    planes = try Self.planes(request, of: geometry, view: view)
  }

  /// The files that hold the contrasts asked for. Throws `ViewError.unknownContrast`.
  private static func chosen(_ request: CaseView.Request, of files: CaseFiles) throws -> [CaseFiles.Image] {
    if request.contrasts.isEmpty { return files.images }
    var known: [String] = []
    var wanted: Set<Int> = []
    for (index, image) in files.images.enumerated() {
      let channels = try CaseLoader.contrastNames(of: image)
      known += channels
      if request.contrasts.contains(where: { $0 == image.contrast || channels.contains($0) }) {
        wanted.insert(index)
      }
    }
    let names = known + files.images.map(\.contrast)
    if let unknown = request.contrasts.first(where: { !names.contains($0) }) {
      throw ViewError.unknownContrast(path: request.path, found: unknown, known: known)
    }
    return files.images.indices.filter { wanted.contains($0) }.map { files.images[$0] }
  }

  /// Throws `ViewError.noPlane` or `.slice`.
  private static func planes(
    _ request: CaseView.Request, of geometry: Geometry, view: SliceView
  ) throws -> [AnatomicalPlane] {
    for plane in request.planes where !plane.isShown(of: geometry, view: view) {
      throw ViewError.noPlane(path: request.path, plane: plane.rawValue)
    }
    let shown = AnatomicalPlane.allCases.filter { plane in
      plane.isShown(of: geometry, view: view) && (request.planes.isEmpty || request.planes.contains(plane))
    }
    guard !shown.isEmpty else {
      throw ViewError.noPlane(path: request.path, plane: AnatomicalPlane.axial.rawValue)
    }
    if let slice = request.slice {
      for plane in shown {
        let slices = plane.slices(of: geometry, view: view)
        guard (0..<slices).contains(slice) else {
          throw ViewError.slice(path: request.path, plane: plane.rawValue, found: slice, slices: slices)
        }
      }
    }
    return shown
  }

  /// A row for each contrast, a column for each plane.
  func canvas(side: Int, gap: Int) -> PictureCanvas {
    SlicePicture.canvas(
      scans.map { scan in
        var row = aimed(side: side)
        let grey = scan.volume.greyWindow
        row.add(
          scan.volume,
          outlines: (labels.map { [SliceOutline($0)] } ?? [])
            + (prediction.map { [SliceOutline($0, style: .dashed)] } ?? []), black: grey.black,
          white: grey.white, view: view)
        return row
      }, gap: gap)
  }

  private func aimed(side: Int) -> SliceRow {
    var choice = SliceChoice()
    (choice.planes, choice.slice, choice.side) = (planes, slice, side)
    var row = SliceRow(choice)
    if let map = [labels, prediction].compactMap({ $0 }).first(where: { $0.labels.contains { $0 != 0 } }) {
      row.aim(at: map)
    }
    return row
  }

  /// What is sent to a terminal, slices as large as it has room for and no larger than `side` where it shows pixels.
  func text(_ terminal: TerminalCapabilities, drawing: ImageProtocol, side: Int) throws -> String {
    let count = planes.count
    if drawing == .blocks {
      // A character is two pixels; a column stays free at the right, some lines for what stands below.
      let room = (terminal.size.columns - 2 - count) / count
      let side = max(8, min(room, max(24, 2 * (terminal.size.rows - 3))))
      let canvas = canvas(side: side, gap: 1)
      return TerminalPicture(width: canvas.width, height: canvas.height, pixels: canvas.pixels)
        .text(for: .blocks, colours: terminal.colours)
    }
    let room = (terminal.size.pixelWidth - SlicePicture.gap * (count + 1)) / count
    let canvas = canvas(side: max(16, min(side, room)), gap: SlicePicture.gap)
    let picture = TerminalPicture(
      width: canvas.width, height: canvas.height, pixels: canvas.pixels,
      png: drawing == .sixel ? nil : canvas.png)
    return picture.text(for: drawing, colours: terminal.colours)
  }
}

extension CaseSlices {
  /// The slices shown, by plane: the voxel from 0 in RAS order, and how many there are.
  private var places: [(plane: AnatomicalPlane, slice: Int, count: Int)] {
    let geometry = scans[0].volume.geometry
    let voxel = aimed(side: 1).place(in: geometry, view: view)
    return planes.map { plane in
      let slice: Int =
        switch plane {
        case .axial: voxel.z
        case .coronal: voxel.y
        case .sagittal: voxel.x
        }
      return (plane, slice, plane.slices(of: geometry, view: view))
    }
  }

  private func values(_ map: LabelVolume?) -> [UInt16] { map?.values.filter { $0 != 0 }.sorted() ?? [] }

  private func name(_ label: UInt16) -> String {
    labelNames.first { $0.value == label }.map { "\(label) \($0.name)" } ?? "\(label)"
  }

  /// What the picture shows, for those who cannot tell its colours too.
  func legend(_ colours: TerminalCapabilities.Colours) -> [String] {
    func list(_ map: LabelVolume?, _ style: SliceOutline.Style) -> String {
      let names = values(map).map { label in
        BlockCharacters.swatch(style.colour(ofLabel: label), colours) + name(label)
      }
      return names.isEmpty ? "nothing" : names.joined(separator: ", ")
    }
    var lines = [
      places.map { "\($0.plane.rawValue) slice \($0.slice) of 0–\($0.count - 1)" }.joined(separator: ", ")
    ]
    if scans.count > 1 { lines.append("from the top: " + scans.map(\.contrast).joined(separator: ", ")) }
    if labels != nil { lines.append("outlined: " + list(labels, .solid)) }
    if prediction != nil { lines.append("dashed, the prediction: " + list(prediction, .dashed)) }
    return lines
  }

  func json(output: String?) -> JSONValue {
    func values(_ map: LabelVolume?) -> JSONValue {
      map == nil ? .null : .array(self.values(map).map { .integer(Int($0)) })
    }
    return .object([
      ("schema_version", .integer(1)), ("output", .string(output)),
      (
        "slices",
        .array(
          places.map {
            .object([
              ("plane", .string($0.plane.rawValue)), ("slice", .integer($0.slice)),
              ("slices", .integer($0.count)),
            ])
          })
      ),
      ("contrasts", .array(scans.map { .string($0.contrast) })), ("labels", values(labels)),
      ("prediction", values(prediction)),
    ])
  }
}
