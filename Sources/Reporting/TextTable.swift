import Foundations

/// A table of aligned columns in plain text.
package struct TextTable: Sendable, Equatable {
  package enum Alignment: Sendable {
    case left
    case right
  }

  package struct Column: Sendable, Equatable {
    package let title: String
    package let alignment: Alignment

    package static func text(_ title: String) -> Column { Column(title: title, alignment: .left) }
    package static func number(_ title: String) -> Column { Column(title: title, alignment: .right) }
  }

  private enum Row: Equatable {
    case cells([String], note: String)
    case rule
  }

  private let columns: [Column]
  private var rows: [Row] = []

  package init(columns: [Column]) {
    self.columns = columns
  }

  /// Adds a row, one cell per column; a `note` stands behind the row and marks it.
  package mutating func add(_ cells: [String], note: String = "") {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
    rows.append(.cells(cells, note: note))
  }

  /// Adds a horizontal rule, before totals.
  package mutating func addRule() {
    rows.append(.rule)
  }

  /// Title, rule and rows, each line ended by a line feed, no trailing spaces.
  package func rendered() -> String {
    var widths = columns.map { $0.title.columnWidth }
    for case .cells(let cells, _) in rows {
      for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.columnWidth) }
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "──")
    var lines = [line(columns.map(\.title), note: "", widths), rule]
    for row in rows {
      switch row {
      case .cells(let cells, let note): lines.append(line(cells, note: note, widths))
      case .rule: lines.append(rule)
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func line(_ cells: [String], note: String, _ widths: [Int]) -> String {
    var text = ""
    for (index, cell) in cells.enumerated() {
      if index > 0 { text += "  " }
      text += cell.padded(to: widths[index], columns[index].alignment)
    }
    if !note.isEmpty { text += "  " + note }
    while text.last == " " { text.removeLast() }
    return text
  }
}

extension String {
  func padded(to width: Int, _ alignment: TextTable.Alignment) -> String {
    let space = String(repeating: " ", count: max(0, width - columnWidth))
    return alignment == .left ? self + space : space + self
  }
}
