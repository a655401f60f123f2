import Plots

/// A page as values: sections of blocks. `PageWriter` makes one HTML file of it.
///
/// Text is text wherever it came from: it is escaped, whatever stands in it.
package struct Page: Sendable {
  package let title: String
  /// Above everything: the answer in one sentence.
  package let lead: String?
  package let sections: [Section]
  /// Below everything.
  package let footer: String
  /// Whether the page asks its server for news (`segfed serve`).
  package let isLive: Bool

  package init(title: String, lead: String?, sections: [Section], footer: String, isLive: Bool = false) {
    (self.title, self.lead, self.sections) = (title, lead, sections)
    (self.footer, self.isLive) = (footer, isLive)
  }

  /// The same, asking its server for news.
  package var live: Page {
    Page(title: title, lead: lead, sections: sections, footer: footer, isLive: true)
  }

  package struct Section: Sendable {
    /// Of `a-z`, `0-9` and `-`: the place in the page.
    package let id: String
    package let title: String
    package let blocks: [Block]

    package init(id: String, title: String, blocks: [Block]) {
      (self.id, self.title, self.blocks) = (id, title, blocks)
    }
  }

  package enum Block: Sendable {
    case heading(String)
    case paragraph(String)
    /// What a reader must not overlook, such as that a run is not over.
    case notice(String)
    /// Names and values.
    case facts([Fact])
    /// Charts side by side where there is room, each with its numbers below.
    case figures([Figure])
    /// A table that is shown as it is.
    case table(Figure)
    case list([String])
    /// Pictures below each other.
    case pictures([Picture])
    /// A case to look through.
    case viewer(Viewer)
    /// Text to be copied, such as a command.
    case code(String, label: String)
  }

  package struct Fact: Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
      (self.name, self.value) = (name, value)
    }
  }

  /// Every chart and table, in order.
  package var figures: [Figure] {
    sections.flatMap(\.blocks).flatMap { block -> [Figure] in
      switch block {
      case .figures(let figures): figures
      case .table(let figure): [figure]
      default: []
      }
    }
  }
}
