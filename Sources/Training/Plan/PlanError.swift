import Foundations
import NeuralNetwork

/// Plans that cannot be used.
package enum PlanError: DescribedError {
  case syntax(file: String, reason: String)
  case unknownKeys(file: String, keys: [String], known: [String])
  case field(file: String, field: String, found: String, expected: String)
  case contrasts(file: String, found: [String], expected: [String])
  case network(file: String, error: NetworkError)
  case labels(file: String, found: [Int], expected: [Int])
  /// Neither a file nor a built-in plan.
  case unknownPlan(found: String, known: [String], nearest: String?)
  /// Fields that follow from data, where there is none.
  case needsData(file: String, fields: [String])

  package var description: String {
    switch self {
    case .syntax(let file, let reason):
      "\(file): is not a plan: \(reason). Compare with the plans in Models/."
    case .unknownKeys(let file, let keys, let known):
      "\(file): found the unknown key\(keys.count == 1 ? "" : "s") \(keys.joined(separator: ", ")), "
        + "expected some of \(known.joined(separator: ", ")). Remove or correct it."
    case .field(let file, let field, let found, let expected):
      "\(file), \(field): found \(found), expected \(expected). Correct the plan."
    case .contrasts(let file, let found, let expected):
      "\(file), contrasts: the data has \(found.joined(separator: ", ")), the plan expects "
        + "\(expected.joined(separator: ", ")). Correct the plan, or give the scans of these contrasts."
    case .unknownPlan(let found, let known, let nearest):
      "--plan \(found): found no such file or built-in plan, expected a file or one of \(known.joined(separator: ", "))."
        + (nearest.map { " Did you mean \($0)?" } ?? "")
    case .needsData(let file, let fields):
      "\(file): found no \(fields.joined(separator: ", no ")), expected them in the plan, since there is no data here that "
        + "they follow from. Let segfed plan write one where data is, or fill them in."
    case .network(let file, let error): "\(file): \(error.description)"
    case .labels(let file, let found, let expected):
      "\(file), labels: the data has the values \(found.map(String.init).joined(separator: ", ")), the plan names "
        + "\(expected.map(String.init).joined(separator: ", ")). Name the others in the plan, or correct the label maps."
    }
  }
}

extension PlanError {
  /// Runs `body`; a network that cannot be built is thrown with the name of the file that asks for it.
  package static func naming<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as NetworkError {
      throw PlanError.network(file: file, error: error)
    }
  }
}
