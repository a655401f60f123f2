import Foundations

/// Tuning tables that cannot be used.
package enum TuningError: DescribedError {
  case syntax(file: String, reason: String)
  case field(file: String, field: String, found: String, expected: String)
  case kernels(file: String, found: String, expected: String)
  case foreign(file: String)

  package var description: String {
    switch self {
    case .syntax(let file, let reason):
      "\(file): is not a tuning table: \(reason). Make one with segfed benchmark --tune --output FILE."
    case .field(let file, let field, let found, let expected):
      "\(file), \(field): found \(found), expected \(expected). "
        + "Make the table anew with segfed benchmark --tune, or correct it."
    case .kernels(let file, let found, let expected):
      "\(file), kernels: the table was measured with \(found), this process computes with \(expected). "
        + "Make one here with segfed benchmark --tune, or leave --tuning out."
    case .foreign(let file):
      "\(file), entries: found none of this network's convolutions at its batch and patch, expected some. "
        + "Make the table with segfed benchmark --tune --plan and the run's plan."
    }
  }
}
