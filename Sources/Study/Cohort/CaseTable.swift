import Foundations

/// A table of cases with what is known of each: a row for each case, the same columns in all.
package struct CaseTable: Sendable, Equatable {
  package enum Value: Sendable, Equatable {
    case missing
    case number(Double)
    case text(String)
  }

  package let columns: [String]
  package private(set) var rows: [(name: String, values: [Value])] = []

  package init(columns: [String]) {
    precondition(Set(columns.map { $0.lowercased() }).count == columns.count, "two columns of one name")
    self.columns = columns
  }

  /// Adds a case; a value for each column.
  package mutating func add(_ name: String, _ values: [Value]) {
    precondition(values.count == columns.count, "\(values.count) values for \(columns.count) columns")
    rows.append((name, values))
  }

  package static func == (first: CaseTable, second: CaseTable) -> Bool {
    first.columns == second.columns && first.rows.count == second.rows.count
      && zip(first.rows, second.rows).allSatisfy { $0.name == $1.name && $0.values == $1.values }
  }

  /// A column of text as numbers where all of it are numbers: `n/a` (BIDS) and nothing are missing values.
  package static func values(_ texts: [String]) -> [Value] {
    let known = texts.map { text in ["", "n/a", "na", "nan"].contains(text.lowercased()) ? nil : text }
    let numbers = known.map { $0.flatMap { Double($0) } }
    let allNumbers = zip(known, numbers).allSatisfy { $0 == nil || $1?.isFinite == true }
    return zip(known, numbers).map { text, number in
      guard let text else { return .missing }
      if allNumbers, let number { return .number(number) }
      return .text(text)
    }
  }
}
