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
  /// Terminal columns: none for control characters, two for East Asian wide characters and emoji.
  var columnWidth: Int {
    reduce(0) { width, character in
      guard let first = character.unicodeScalars.first else { return width }
      switch first.value {
      case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F: return width
      case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
        return width + 2
      default: return width + 1
      }
    }
  }

  func padded(to width: Int, _ alignment: TextTable.Alignment) -> String {
    let space = String(repeating: " ", count: max(0, width - columnWidth))
    return alignment == .left ? self + space : space + self
  }
}
