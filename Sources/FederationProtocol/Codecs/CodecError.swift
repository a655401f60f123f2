import Foundations

/// What can be wrong with a chain of codecs.
package enum CodecError: DescribedError {
  case choice(ChoiceFault)
  /// A stage stands where it cannot.
  case order(chain: String, first: String, second: String, isSamePlace: Bool)
  /// The model itself cannot be sent that way.
  case needsDelta(chain: String)

  package var description: String {
    switch self {
    case .choice(let fault): fault.description
    case .order(let chain, let first, let second, true):
      "Codec \(chain): found \(first) and \(second), expected one of the two. \(Self.sense)"
    case .order(let chain, let first, let second, false):
      "Codec \(chain): found \(first) before \(second), expected it behind. \(Self.sense)"
    case .needsDelta(let chain):
      "Codec \(chain): the model itself is sent to the sites that way, expected its change: what it leaves out or rounds at random "
        + "would be missing from the model. Write delta+\(chain)."
    }
  }

  private static let sense =
    "A chain is \(CodecStage.grammar) in this order, "
    + "joined by +, such as delta+topk:fraction=0.01+int4+entropy."
}
