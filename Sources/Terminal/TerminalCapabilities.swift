import Foundation

/// Columns and rows of a terminal, and its pixels where it tells them.
package struct TerminalSize: Sendable, Equatable {
  package let columns: Int
  package let rows: Int
  /// 0 where the terminal does not tell.
  package let pixels: Int

  package init(columns: Int, rows: Int, pixels: Int = 0) {
    (self.columns, self.rows, self.pixels) = (columns, rows, pixels)
  }

  /// What is taken where nothing is told.
  package static let usual = TerminalSize(columns: 80, rows: 24)

  /// Pixels from left to right; of a terminal that does not tell them, 8 a column.
  package var pixelWidth: Int { pixels > 0 ? pixels : 8 * columns }
}

/// What a terminal shows, as its environment and its own answer tell.
package struct TerminalCapabilities: Sendable, Equatable {
  package enum Colours: Int, Sendable, Comparable {
    case none
    /// The 16 that every terminal with colours has.
    case sixteen
    /// xterm's 256.
    case palette
    /// 8 bits each of red, green and blue.
    case full

    package static func < (left: Colours, right: Colours) -> Bool { left.rawValue < right.rawValue }
  }

  package let isTerminal: Bool
  /// Whether what was written can be written over.
  package let canRewrite: Bool
  package let size: TerminalSize
  package let colours: Colours
  package let images: ImageProtocol

  /// `takesSixels` is the terminal's own answer (`DeviceAttributes`).
  package init(
    isTerminal: Bool, size: TerminalSize = .usual, environment: [String: String], takesSixels: Bool = false
  ) {
    self.isTerminal = isTerminal
    self.size = size
    canRewrite = isTerminal && environment["TERM"] != "dumb"
    colours = isTerminal ? Self.colours(environment) : .none
    images = ImageProtocol.told(by: environment) ?? (takesSixels ? .sixel : .blocks)
  }

  /// `NO_COLOR` that is not empty switches colours off (no-color.org).
  private static func colours(_ environment: [String: String]) -> Colours {
    let (term, program) = (environment["TERM"] ?? "", environment["TERM_PROGRAM"] ?? "")
    if environment["NO_COLOR"]?.isEmpty == false || term.isEmpty || term == "dumb" { return .none }
    if ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "") || term.hasSuffix("-direct")
      || ["xterm-kitty", "xterm-ghostty"].contains(term)
      || ["iTerm.app", "WezTerm", "ghostty"].contains(program)
    {
      return .full
    }
    return term.contains("256color") ? .palette : .sixteen
  }
}
