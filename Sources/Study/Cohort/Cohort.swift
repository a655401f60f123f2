import GRDB

/// One rule of a study: a name and a condition that each case has to meet.
package struct CohortRule: Sendable, Equatable {
  package let name: String
  package let condition: CohortExpression

  /// Throws `CohortError.syntax`.
  package init(name: String, condition text: String) throws {
    self.name = name
    condition = try CohortParser.parse(text)
  }
}

/// Which cases of a site meet a study's rules. It stays at the site: only counts leave it.
package struct Cohort: Sendable, Equatable {
  /// Cases that meet every rule, in the table's order.
  package let included: [String]
  /// All others, each with the first rule that it does not meet.
  package let excluded: [(name: String, rule: String)]

  package static func == (first: Cohort, second: Cohort) -> Bool {
    first.included == second.included && first.excluded.elementsEqual(second.excluded, by: ==)
  }

  /// Asks SQLite each rule of a table in memory, which cannot be written by then.
  ///
  /// Throws `CohortError.unknownColumn`.
  package init(_ rules: [CohortRule], of table: CaseTable) throws {
    for rule in rules {
      try rule.condition.check(table)
    }
    let database = try Self.database(of: table)
    var reasons = [String?](repeating: nil, count: table.rows.count)
    for rule in rules {
      let met = try Self.rows(of: database, meeting: rule.condition)
      for index in reasons.indices where reasons[index] == nil && !met.contains(index) {
        reasons[index] = rule.name
      }
    }
    included = table.rows.indices.filter { reasons[$0] == nil }.map { table.rows[$0].name }
    excluded = table.rows.indices.compactMap { index in
      reasons[index].map { (table.rows[index].name, $0) }
    }
  }

  private static func database(of table: CaseTable) throws -> DatabaseQueue {
    let database = try DatabaseQueue()
    let names = table.columns.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }
    let marks = [String](repeating: "?", count: names.count).joined(separator: ", ")
    try database.write { database in
      try database.execute(sql: "CREATE TABLE cases (\(names.joined(separator: ", ")))")
      // Row ids count from 1 in this order.
      for row in table.rows {
        try database.execute(
          sql: "INSERT INTO cases VALUES (\(marks))", arguments: StatementArguments(row.values.map(value)))
      }
      try database.execute(sql: "PRAGMA query_only = ON")
    }
    return database
  }

  private static func value(_ value: CaseTable.Value) -> (any DatabaseValueConvertible)? {
    switch value {
    case .missing: nil
    case .number(let number): number
    case .text(let text): text
    }
  }

  private static func rows(of database: DatabaseQueue, meeting condition: CohortExpression) throws -> Set<Int>
  {
    let (text, literals) = condition.sql
    let arguments: [(any DatabaseValueConvertible)?] = literals.map { literal in
      switch literal {
      case .number(let number): number
      case .text(let text): text
      }
    }
    return try database.read { database in
      try Int.fetchSet(
        database, sql: "SELECT rowid - 1 FROM cases WHERE " + text, arguments: StatementArguments(arguments))
    }
  }
}
