/// A condition on one case, as SQL has it. Comparisons with a value that is missing are neither true nor false.
package indirect enum CohortExpression: Sendable, Equatable {
  case and(CohortExpression, CohortExpression)
  case or(CohortExpression, CohortExpression)
  case not(CohortExpression)
  case comparison(Operand, Comparison, Operand)
  case isIn(Operand, [Literal])
  case isBetween(Operand, Operand, Operand)
  case isLike(Operand, pattern: String)
  case isNull(Operand)

  package enum Comparison: String, Sendable, CaseIterable {
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case different = "<>"
    case less = "<"
    case greater = ">"
    case equal = "="
  }

  package enum Operand: Sendable, Equatable {
    case column(String)
    case literal(Literal)
  }

  package enum Literal: Sendable, Equatable {
    case number(Double)
    case text(String)
  }

  /// The columns that it asks for, each once, in the order of their first mention.
  package var columns: [String] {
    operands.reduce(into: []) { columns, operand in
      if case .column(let name) = operand, !columns.contains(name) { columns.append(name) }
    }
  }

  private var operands: [Operand] {
    switch self {
    case .and(let first, let second), .or(let first, let second): first.operands + second.operands
    case .not(let inner): inner.operands
    case .comparison(let first, _, let second): [first, second]
    case .isBetween(let operand, let low, let high): [operand, low, high]
    case .isIn(let operand, _), .isLike(let operand, _), .isNull(let operand): [operand]
    }
  }
}

extension CohortExpression: CustomStringConvertible {
  /// The same condition written one way: keywords in capitals, columns quoted, brackets around every part.
  package var description: String { written { $0.description } }

  /// The condition for SQLite, with `?` in the place of each value, and the values in that order.
  var sql: (text: String, values: [Literal]) {
    var values: [Literal] = []
    let text = written { literal in
      values.append(literal)
      return "?"
    }
    return (text, values)
  }

  /// Many conditions of one kind have one pair of brackets: read again they are as deep as they were.
  private func chain(
    _ first: CohortExpression, _ second: CohortExpression, _ word: String, _ value: (Literal) -> String
  ) -> String {
    var parts = [second]
    var rest = first
    while true {
      switch (self, rest) {
      case (.and, .and(let left, let right)), (.or, .or(let left, let right)):
        parts.append(right)
        rest = left
        continue
      default: break
      }
      break
    }
    return ([rest] + parts.reversed()).map { $0.written(value) }.joined(separator: word)
  }

  private func written(_ value: (Literal) -> String) -> String {
    func text(_ operand: Operand) -> String {
      switch operand {
      case .column(let name): "\"" + name.replacing("\"", with: "\"\"") + "\""
      case .literal(let literal): value(literal)
      }
    }
    switch self {
    case .and(let first, let second): return "(" + chain(first, second, " AND ", value) + ")"
    case .or(let first, let second): return "(" + chain(first, second, " OR ", value) + ")"
    case .not(let inner): return "(NOT \(inner.written(value)))"
    case .comparison(let first, let sign, let second):
      return "(\(text(first)) \(sign.rawValue) \(text(second)))"
    case .isBetween(let operand, let low, let high):
      return "(\(text(operand)) BETWEEN \(text(low)) AND \(text(high)))"
    case .isIn(let operand, let list):
      return "(\(text(operand)) IN (" + list.map(value).joined(separator: ", ") + "))"
    case .isLike(let operand, let pattern): return "(\(text(operand)) LIKE \(value(.text(pattern))))"
    case .isNull(let operand): return "(\(text(operand)) IS NULL)"
    }
  }
}

extension CohortExpression.Literal: CustomStringConvertible {
  package var description: String {
    switch self {
    case .number(let value): value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    case .text(let text): "'" + text.replacing("'", with: "''") + "'"
    }
  }
}
