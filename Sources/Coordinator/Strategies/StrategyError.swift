import Foundations

/// What can be wrong with a strategy that a user writes.
package enum StrategyError: DescribedError {
  case unknown(String, known: [String])
  case unknownParameter(String, strategy: String, known: [String])
  case repeated(String, strategy: String)
  case value(String, parameter: String, strategy: String, expected: ClosedRange<Double>)

  package var description: String {
    switch self {
    case .unknown(let found, let known):
      "Strategy \(found) is not known, expected one of \(known.joined(separator: ", "))."
        + Self.suggestion(found, known) + " segfed strategies tells what each does."
    case .unknownParameter(let found, let strategy, let known):
      known.isEmpty
        ? "Strategy \(strategy) has no parameters, found \(found). Leave it out."
        : "Strategy \(strategy) has no parameter \(found), expected one of \(known.joined(separator: ", "))."
          + Self.suggestion(found, known)
    case .repeated(let parameter, let strategy):
      "Strategy \(strategy): \(parameter) is given twice, expected once. Leave one out."
    case .value(let found, let parameter, let strategy, let expected):
      "Strategy \(strategy): \(parameter) is \(found), expected a number from \(expected.lowerBound) to "
        + "\(expected.upperBound), such as \(strategy):\(parameter)=\(expected.lowerBound)."
    }
  }

  /// The nearest of the words that exist, if any is near.
  private static func suggestion(_ found: String, _ known: [String]) -> String {
    let distances = known.map { (word: $0, distance: Spelling.distance(found, $0)) }
    guard let nearest = distances.min(by: { $0.distance < $1.distance }), nearest.distance <= 3 else {
      return ""
    }
    return " Did you mean \(nearest.word)?"
  }
}
