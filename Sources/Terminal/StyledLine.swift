import Foundations

/// A line of text for a terminal, parts of it in colour or bold. What it says does not depend on that.
package struct StyledLine: Sendable, Equatable {
  package enum Style: Sendable, Equatable {
    case plain, bold, dim, green, yellow, cyan

    /// The number of select graphic rendition (ECMA-48).
    fileprivate var code: Int? {
      switch self {
      case .plain: nil
      case .bold: 1
      case .dim: 2
      case .green: 32
      case .yellow: 33
      case .cyan: 36
      }
    }
  }

  package struct Part: Sendable, Equatable {
    let text: String
    let style: Style
  }

  package private(set) var parts: [Part] = []

  package init() {}

  package init(_ text: String, _ style: Style = .plain) { add(text, style) }

  package mutating func add(_ text: String, _ style: Style = .plain) {
    if !text.isEmpty { parts.append(Part(text: text, style: style)) }
  }

  package var plain: String { parts.map(\.text).joined() }
  package var columnWidth: Int { parts.reduce(0) { $0 + $1.text.columnWidth } }

  /// The line, or as much of its begin as `columns` hold, an ellipsis behind it.
  package func clipped(toColumns columns: Int) -> StyledLine {
    if columnWidth <= columns { return self }
    var line = StyledLine()
    var left = columns
    for part in parts where left > 0 {
      let isLast = part.text.columnWidth >= left
      line.add(isLast ? (part.text + "…").clipped(toColumns: left) : part.text, part.style)
      left -= part.text.columnWidth
    }
    return line
  }

  /// With escape codes around what has a style, if the terminal has colours.
  package func text(_ colours: TerminalCapabilities.Colours) -> String {
    if colours == .none { return plain }
    return parts.map { part in part.style.code.map { "\u{1B}[\($0)m\(part.text)\u{1B}[0m" } ?? part.text }
      .joined()
  }
}
