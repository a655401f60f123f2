import Foundations

/// What a chart or table can be written as.
package enum FigureFormat: String, Sendable, CaseIterable {
  case svg
  case csv
  case latex
  case markdown

  /// Of its files, without the dot.
  package var fileExtension: String {
    switch self {
    case .svg: "svg"
    case .csv: "csv"
    case .latex: "tex"
    case .markdown: "md"
    }
  }
}

extension DataTable {
  /// RFC 4180: all digits, empty fields where there is nothing, a last column for marks where there are any.
  package func csv() -> String {
    let hasMarks = rows.contains { $0.mark != nil }
    var document = CSVDocument(columns: columns.map(\.label) + (hasMarks ? ["mark"] : []))
    for row in rows { document.add(row.cells.map(\.exact) + (hasMarks ? [row.mark ?? ""] : [])) }
    return document.rendered()
  }

  /// A `tabular` with the rules of booktabs, ready to be put into a table.
  package func latex(caption: String) -> String {
    let alignment = columns.indices.map { isNumeric($0) ? "r" : "l" }.joined()
    func line(_ cells: [String]) -> String {
      "  " + cells.map(Self.latex).joined(separator: " & ") + " \\\\\n"
    }
    return
      "% \(caption.split(whereSeparator: \.isNewline).joined(separator: " "))\n% \\usepackage{booktabs}\n"
      + "\\begin{tabular}{\(alignment)}\n  \\toprule\n" + line(columns.map(\.label)) + "  \\midrule\n"
      + rows.map { line(shown($0)) }.joined() + "  \\bottomrule\n\\end{tabular}\n"
  }

  /// A table as GitHub reads it, under its caption.
  package func markdown(caption: String) -> String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    return Self.markdown(caption) + "\n\n" + line(columns.map { Self.markdown($0.label) })
      + line(columns.indices.map { isNumeric($0) ? "---:" : "---" })
      + rows.map { line(shown($0).map(Self.markdown)) }.joined()
  }

  /// Cells for people; the mark behind the first.
  private func shown(_ row: Row) -> [String] {
    row.cells.enumerated().map { index, cell in
      index == 0 ? cell.shown + (row.mark.map { " (\($0))" } ?? "") : cell.shown
    }
  }

  /// Whether a column holds numbers alone.
  package func isNumeric(_ column: Int) -> Bool {
    !rows.isEmpty && !rows.contains { $0.cells[column].isText }
  }

  private static func latex(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "\\": out += "\\textbackslash{}"
      case "&", "%", "$", "#", "_", "{", "}": out += "\\\(character)"
      case "~": out += "\\textasciitilde{}"
      case "^": out += "\\textasciicircum{}"
      case "−": out += "$-$"
      case "±": out += "$\\pm$"
      case "–": out += "--"
      case "∞": out += "$\\infty$"
      case "²": out += "$^2$"
      case "×": out += "$\\times$"
      case "α": out += "$\\alpha$"
      case "η": out += "$\\eta$"
      default: out += character.isNewline ? " " : String(character)
      }
    }
    return out
  }

  private static func markdown(_ text: String) -> String {
    var out = ""
    for character in text {
      if "\\`*_{}[]<>|#".contains(character) { out += "\\" }
      out += character.isNewline ? " " : String(character)
    }
    return out
  }
}

extension DataTable.Cell {
  /// For programs: every digit of a number.
  fileprivate var exact: String {
    switch self {
    case .text(let text): text
    case .number(let value, _):
      value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    case .empty: ""
    }
  }
}
