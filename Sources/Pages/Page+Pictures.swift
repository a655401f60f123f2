import Foundation

extension Page {
  /// A picture with what it shows in words; part of the page.
  package struct Picture: Sendable {
    /// Of `a-z`, `0-9` and `-`.
    package let id: String
    package let title: String
    package let caption: String
    /// For who does not see it.
    package let alternative: String
    package let image: Image
    package let legend: [LegendEntry]
    /// Whether it has a row of the page for itself.
    package let isWide: Bool

    package init(
      id: String, title: String, caption: String, alternative: String, image: Image,
      legend: [LegendEntry] = [], isWide: Bool = false
    ) {
      (self.id, self.title, self.caption) = (id, title, caption)
      (self.alternative, self.image, self.legend) = (alternative, image, legend)
      self.isWide = isWide
    }
  }

  package struct Image: Sendable {
    package let png: Data
    package let width: Int
    package let height: Int

    package init(png: Data, width: Int, height: Int) {
      (self.png, self.width, self.height) = (png, width, height)
    }
  }

  /// A sample of what is drawn, what the sample looks like, and what it means.
  package struct LegendEntry: Sendable {
    package let image: Image
    package let look: String
    package let meaning: String

    package init(image: Image, look: String, meaning: String) {
      (self.image, self.look, self.meaning) = (image, look, meaning)
    }
  }

  /// Whether a block needs the viewer's script.
  var hasViewer: Bool {
    sections.flatMap(\.blocks).contains { if case .viewer = $0 { true } else { false } }
  }
}
