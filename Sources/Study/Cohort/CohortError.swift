import Foundations

/// What can be wrong with cohort rules and the table that they are asked of.
package enum CohortError: DescribedError {
  /// `place` counts characters from 1.
  case syntax(place: Int, found: String, expected: String)
  case unknownColumn(String, known: [String])
  /// Numbers are compared with text.
  case kind(column: String, found: String, expected: String)

  package var description: String {
    switch self {
    case .syntax(let place, let found, let expected):
      "character \(place): found \(found.prefix(40)), expected \(expected). A rule is one condition, such as "
        + "age >= 18 AND diagnosis IN ('glioblastoma', 'astrocytoma')."
    case .unknownColumn(let name, let known):
      "column \(name.prefix(40)) is not there, expected one of \(known.joined(separator: ", "))."
        + Spelling.suggestion(name, of: known)
    case .kind(let column, let found, let expected):
      "column \(column.prefix(40)) holds \(found), expected \(expected)."
    }
  }
}
