import Foundations
import NeuralNetwork

/// Benchmarks that cannot be run.
package enum BenchmarkError: DescribedError {
  case unknownStrategy(found: String)
  case idleStrategy(found: String, network: String)
  case input(network: String, contrasts: Int, classes: Int)
  case loss(network: String, found: Double)

  package var description: String {
    switch self {
    case .unknownStrategy(let found):
      "--strategy: found \(found), expected one of \(StrategyName.spellings)."
    case .idleStrategy(let found, let network):
      "--strategy: \(found) serves no convolution of network \(network), expected one that serves some. "
        + "See segfed benchmark --explain."
    case .input(let network, let contrasts, let classes):
      "--input: network \(network) has \(contrasts) contrasts and \(classes) classes, expected "
        + "\(SyntheticCase.contrasts.count) and at least \(SyntheticCase.classes), as the cases have that it "
        + "is fed. Take another network."
    case .loss(let network, let found):
      "network \(network): the loss became \(found), expected a finite number; such a step times nothing. "
        + "Report it with the output of segfed benchmark --explain."
    }
  }
}
