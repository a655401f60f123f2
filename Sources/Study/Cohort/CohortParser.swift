/// Reads a condition of SQL's language: columns, literals, comparison, AND, OR, NOT, IN, BETWEEN, LIKE, IS NULL. Nothing else of SQL:
/// no functions, no subselects, no arithmetic.
struct CohortParser {
  private let tokens: [CohortToken]
  private var position = 0
  private var depth = 0
  /// Brackets and NOTs within each other.
  private static let deepest = 100

  /// Throws `CohortError.syntax`.
  static func parse(_ text: String) throws -> CohortExpression {
    var parser = CohortParser(tokens: try CohortToken.tokens(text))
    let expression = try parser.disjunction()
    guard parser.token.kind == .end else { throw parser.fault("AND, OR or the end") }
    return expression
  }

  private init(tokens: [CohortToken]) { self.tokens = tokens }

  private var token: CohortToken { tokens[position] }

  private func fault(_ expected: String) -> CohortError {
    .syntax(place: token.place, found: token.source, expected: expected)
  }

  private mutating func takes(_ keyword: String) -> Bool {
    guard token.keyword == keyword else { return false }
    position += 1
    return true
  }

  private mutating func takes(sign: String) -> Bool {
    guard token.kind == .sign(sign) else { return false }
    position += 1
    return true
  }

  private mutating func disjunction() throws -> CohortExpression {
    var result = try conjunction()
    while takes("OR") { result = .or(result, try conjunction()) }
    return result
  }

  private mutating func conjunction() throws -> CohortExpression {
    var result = try negation()
    while takes("AND") { result = .and(result, try negation()) }
    return result
  }

  private mutating func negation() throws -> CohortExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else {
      throw fault("no more than \(Self.deepest) brackets within each other")
    }
    if takes("NOT") { return .not(try negation()) }
    if takes(sign: "(") {
      let inner = try disjunction()
      guard takes(sign: ")") else { throw fault(")") }
      return inner
    }
    return try predicate()
  }

  private mutating func predicate() throws -> CohortExpression {
    let first = try operand()
    if takes("IS") {
      let isNegated = takes("NOT")
      guard takes("NULL") else { throw fault(isNegated ? "NULL" : "NULL or NOT NULL") }
      return isNegated ? .not(.isNull(first)) : .isNull(first)
    }
    let isNegated = takes("NOT")
    let found: CohortExpression
    if takes("IN") {
      found = .isIn(first, try list())
    } else if takes("BETWEEN") {
      let low = try operand()
      guard takes("AND") else { throw fault("AND") }
      found = .isBetween(first, low, try operand())
    } else if takes("LIKE") {
      guard case .text(let pattern) = token.kind else { throw fault("a text in quotes, such as 'glio%'") }
      position += 1
      found = .isLike(first, pattern: pattern)
    } else {
      if isNegated { throw fault("IN, BETWEEN or LIKE") }
      return .comparison(first, try comparison(), try operand())
    }
    return isNegated ? .not(found) : found
  }

  private mutating func comparison() throws -> CohortExpression.Comparison {
    guard case .sign(let sign) = token.kind else {
      throw fault("a comparison (=, <>, <, <=, >, >=), IN, BETWEEN, LIKE or IS NULL")
    }
    let known = ["==": "=", "!=": "<>"][sign] ?? sign
    guard let comparison = CohortExpression.Comparison(rawValue: known) else {
      throw fault(
        sign == "(" ? "a comparison: there are no functions here" : "a comparison (=, <>, <, <=, >, >=)")
    }
    position += 1
    return comparison
  }

  private mutating func operand() throws -> CohortExpression.Operand {
    if token.keyword != nil { throw fault("a column or a value") }
    switch token.kind {
    case .word(let name), .quoted(let name):
      position += 1
      return .column(name)
    case .number, .text: return .literal(try literal())
    default: throw fault("a column or a value")
    }
  }

  private mutating func literal() throws -> CohortExpression.Literal {
    defer { position += 1 }
    switch token.kind {
    case .number(let value): return .number(value)
    case .text(let text): return .text(text)
    default: throw fault("a number, or a text in quotes")
    }
  }

  private mutating func list() throws -> [CohortExpression.Literal] {
    guard takes(sign: "(") else { throw fault("( and a list of values") }
    var values = [try literal()]
    while takes(sign: ",") { values.append(try literal()) }
    guard takes(sign: ")") else { throw fault(", or )") }
    return values
  }
}
