import FederationProtocol

/// A shared body with a head of its own at each site (Liu et al., arXiv 1811.11400, federated-autonomous deep learning): the body
/// is averaged, the last layer of each output stays each site's own.
///
/// Sites send their heads all the same: their mean is what a site starts from that did not train.
package struct FADL: SummingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "fadl", summary: "averaging of the body; each site keeps a head of its own",
    paper: "arXiv 1811.11400",
    isPersonal: true, personalKind: "heads",
    unseen: "the mean of the sites' heads, to be fine-tuned (--fine-tune-steps)")

  package init(_ parameters: StrategyParameters) {}

  /// The heads of the network's outputs, by their names in it.
  package static func isPersonal(_ range: TensorRange) -> Bool {
    range.name.hasPrefix("head.") || range.name.contains(".head.")
  }

  package func localRule(_ ranges: [TensorRange], state: [ServerBuffer]) -> WireLocalRule? {
    .with { $0.personal = ranges.filter(Self.isPersonal).map(\.name) }
  }
}
