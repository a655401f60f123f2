import FederationProtocol

/// Averaging of all but the normalisation layers, which stay each site's own (Li et al., arXiv 2102.07623).
///
/// Sites send them all the same: their mean is what a site starts from that did not train.
package struct FedBN: SummingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "fedbn", summary: "averaging; each site keeps normalisation layers of its own",
    paper: "arXiv 2102.07623", isPersonal: true, personalKind: "normalisation layers",
    unseen: "the mean of the sites' normalisation layers")

  package init(_ parameters: StrategyParameters) {}

  /// Scale and offset of the normalisation layers, by their names in the network.
  package static func isPersonal(_ range: TensorRange) -> Bool {
    range.name.hasSuffix(".norm.weight") || range.name.hasSuffix(".norm.bias")
  }

  package func localRule(_ ranges: [TensorRange], state: [ServerBuffer]) -> WireLocalRule? {
    .with { $0.personal = ranges.filter(Self.isPersonal).map(\.name) }
  }
}
