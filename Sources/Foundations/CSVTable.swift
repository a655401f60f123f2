/// A table of values separated by commas (or tabs), read as RFC 4180 writes them.
package struct CSVTable: Sendable, Equatable {
  /// The first line's names.
  package let columns: [String]
  /// The other lines, each with as many fields as there are columns.
  package let rows: [[String]]

  /// Reads `text`: fields in double quotes may hold commas, line ends and doubled quotes; empty lines are left out,
  /// as is a byte order mark. Throws `CSVError` naming `path`.
  package init(_ text: String, path: String, separator: Character = ",") throws {
    let text = text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
    var records = try Self.records(text, path: path, separator: separator)
    guard let first = records.first else { throw CSVError.empty(path: path) }
    columns = first.fields.map { $0.trimmed }
    if let twice = Dictionary(grouping: columns, by: { $0 }).filter({ $0.value.count > 1 }).keys.min() {
      throw CSVError.repeatedColumn(path: path, name: twice)
    }
    records.removeFirst()
    let count = columns.count
    rows = try records.map { record in
      guard record.fields.count == count else {
        throw CSVError.fieldCount(path: path, line: record.line, found: record.fields.count, expected: count)
      }
      return record.fields.map { $0.trimmed }
    }
  }

  /// The position of the column with a name, upper and lower case alike; nil where there is none.
  package func column(_ name: String) -> Int? {
    columns.firstIndex { $0.lowercased() == name.lowercased() }
  }

  private static func records(
    _ text: String, path: String, separator: Character
  ) throws -> [(fields: [String], line: Int)] {
    var records: [(fields: [String], line: Int)] = []
    var fields: [String] = []
    var field = ""
    var (line, first) = (1, 1)
    var (isQuoted, wasQuoted) = (false, false)
    func finish() {
      if !(fields.isEmpty && field.trimmed.isEmpty && !wasQuoted) {
        records.append((fields + [field], first))
      }
      (fields, field, wasQuoted) = ([], "", false)
    }
    var rest = Substring(text)
    while let character = rest.popFirst() {
      if character.isNewline { line += 1 }
      if isQuoted {
        if character != "\"" {
          field.append(character)
        } else if rest.first == "\"" {
          field.append(rest.removeFirst())
        } else {
          isQuoted = false
        }
      } else if character == "\"" && field.trimmed.isEmpty {
        (field, isQuoted, wasQuoted) = ("", true, true)
      } else if character == separator {
        fields.append(field)
        (field, wasQuoted) = ("", false)
      } else if character.isNewline {
        finish()
        first = line
      } else {
        field.append(character)
      }
    }
    if isQuoted { throw CSVError.openQuote(path: path, line: first) }
    finish()
    return records
  }
}

/// Why a table cannot be read.
package enum CSVError: DescribedError {
  case empty(path: String)
  case repeatedColumn(path: String, name: String)
  case fieldCount(path: String, line: Int, found: Int, expected: Int)
  case openQuote(path: String, line: Int)

  package var description: String {
    switch self {
    case .empty(let path): "\(path): the table is empty, expected a line of column names. Fill it in."
    case .repeatedColumn(let path, let name):
      "\(path): two columns are named \(name), expected each name once. Rename one."
    case .fieldCount(let path, let line, let found, let expected):
      "\(path): line \(line) has \(found) fields, expected \(expected) as the line of names has. Correct it."
    case .openQuote(let path, let line):
      "\(path): a quoted field of line \(line) has no closing quote. Add it."
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = Substring(self)
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
