import Foundations

/// A terminal as far as the tests need one: text, line ends, cursor up, erasing, and modes and colours, which are passed over.
package struct TerminalScreen: Sendable {
  package let columns: Int
  package let rows: Int
  /// What scrolled out at the top.
  package private(set) var history: [String] = []
  /// Escape sequences that are none of the above.
  package private(set) var unknown: [String] = []
  /// The characters that were written beyond the last column and went to the next line.
  package private(set) var wrapped = 0
  private var cells: [[String]]
  private var (row, column) = (0, 0)

  package init(columns: Int, rows: Int) {
    (self.columns, self.rows) = (columns, rows)
    cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  /// The screen's lines without spaces at their ends, those below the last one with text left out.
  package var lines: [String] {
    var lines = cells.map(Self.text)
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  /// All that was ever written and not erased.
  package var everything: [String] { history + lines }
  package var cursor: (row: Int, column: Int) { (row, column) }

  private static func text(_ cells: [String]) -> String {
    var text = cells.joined()
    while text.last == " " { text.removeLast() }
    return text
  }

  package mutating func feed(_ text: String) {
    var rest = Substring(text)
    while let character = rest.popFirst() {
      switch character {
      case "\r\n": newLine()
      case "\n": newLine()
      case "\r": column = 0
      case "\u{1B}": escape(&rest)
      default: put(character)
      }
    }
  }

  private mutating func newLine() {
    column = 0
    if row < rows - 1 {
      row += 1
    } else {
      history.append(Self.text(cells[0]))
      cells.removeFirst()
      cells.append(Array(repeating: " ", count: columns))
    }
  }

  private mutating func put(_ character: Character) {
    let width = character.columnWidth
    if width == 0 { return }
    if column + width > columns {
      wrapped += 1
      newLine()
    }
    cells[row][column] = String(character)
    if width == 2 { cells[row][column + 1] = "" }
    column += width
  }

  private mutating func escape(_ rest: inout Substring) {
    guard rest.first == "[" else {
      unknown.append("ESC " + rest.prefix(1))
      rest = rest.dropFirst()
      return
    }
    rest = rest.dropFirst()
    let parameters = rest.prefix { $0.isNumber || $0 == ";" || $0 == "?" }
    rest = rest.dropFirst(parameters.count)
    guard let command = rest.popFirst() else { return }
    switch (command, parameters) {
    case ("A", _): row = max(0, row - max(1, Int(parameters) ?? 1))
    case ("K", ""): erase(row, from: column)
    case ("J", ""):
      erase(row, from: column)
      for below in (row + 1)..<max(row + 1, rows) { erase(below, from: 0) }
    case ("m", _), ("h", "?2026"), ("l", "?2026"): break
    default: unknown.append("CSI \(parameters)\(command)")
    }
  }

  private mutating func erase(_ row: Int, from column: Int) {
    for place in min(column, columns)..<columns { cells[row][place] = " " }
  }
}
