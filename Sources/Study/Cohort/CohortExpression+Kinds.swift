/// What a column of a table holds; nil: nothing in any row.
private enum ColumnKind: Equatable {
  case number
  case text
}

extension CohortExpression {
  /// Throws `CohortError` where a column is not there, or is compared with what it cannot be: SQLite would take any text for larger
  /// than any number, and a case would be in a study for a typing error.
  func check(_ table: CaseTable) throws {
    for (first, others) in comparisons {
      let kinds = try ([first] + others).map { try kind($0, table) }
      for (operand, kind) in zip(others, kinds.dropFirst()) {
        guard let left = kinds[0], let kind, left != kind else { continue }
        guard case .column(let name) = first else {
          if case .column(let name) = operand { throw fault(name, kind) }
          throw CohortError.kind(
            column: first.text, found: left == .text ? "text" : "numbers", expected: "the same on both sides")
        }
        throw fault(name, left)
      }
    }
  }

  private func fault(_ column: String, _ kind: ColumnKind) -> CohortError {
    .kind(
      column: column, found: kind == .text ? "text" : "numbers",
      expected: kind == .text
        ? "numbers: compare it with a text in quotes, or mend the table" : "text: leave the quotes out")
  }

  /// What is compared with what. LIKE and IS NULL ask every kind.
  private var comparisons: [(Operand, [Operand])] {
    switch self {
    case .and(let first, let second), .or(let first, let second): first.comparisons + second.comparisons
    case .not(let inner): inner.comparisons
    case .comparison(let first, _, let second): [(first, [second])]
    case .isBetween(let operand, let low, let high): [(operand, [low, high])]
    case .isIn(let operand, let list): [(operand, list.map { .literal($0) })]
    case .isLike(let operand, _), .isNull(let operand): [(operand, [])]
    }
  }

  private func kind(_ operand: Operand, _ table: CaseTable) throws -> ColumnKind? {
    switch operand {
    case .literal(.number): return .number
    case .literal(.text): return .text
    case .column(let name):
      guard let index = table.columns.firstIndex(where: { $0.lowercased() == name.lowercased() }) else {
        throw CohortError.unknownColumn(name, known: table.columns)
      }
      let values = table.rows.map { $0.values[index] }
      if values.contains(where: { if case .text = $0 { true } else { false } }) { return .text }
      return values.contains { $0 != .missing } ? .number : nil
    }
  }
}

extension CohortExpression.Operand {
  fileprivate var text: String {
    switch self {
    case .column(let name): name
    case .literal(let literal): literal.description
    }
  }
}
