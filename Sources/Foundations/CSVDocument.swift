/// Comma-separated values as RFC 4180 has them: CRLF line ends, quotes where needed and doubled inside.
package struct CSVDocument: Sendable, Equatable {
  private let columnCount: Int
  private var lines: [String]

  package init(columns: [String]) {
    columnCount = columns.count
    lines = [Self.line(columns)]
  }

  /// Adds a row, one field per column.
  package mutating func add(_ fields: [String]) {
    precondition(fields.count == columnCount, "\(fields.count) fields for \(columnCount) columns")
    lines.append(Self.line(fields))
  }

  /// Header and rows, each ended by CRLF.
  package func rendered() -> String {
    lines.map { $0 + "\r\n" }.joined()
  }

  /// A number with the fewest digits that read back equal; empty for nil and for what is not finite.
  package static func field(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "" }
    return "\(value)"
  }

  private static func line(_ fields: [String]) -> String {
    fields.map { field in
      let special = field.unicodeScalars.contains { "\",\r\n".unicodeScalars.contains($0) }
      return special ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
    }.joined(separator: ",")
  }
}
