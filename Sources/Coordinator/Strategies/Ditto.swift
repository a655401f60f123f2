import FederationProtocol

/// Federated averaging, and beside it a model of each site's own that is held near the global one: λ/2·‖v − w‖² is added to its
/// loss (Li et al., arXiv 2012.04221). It takes as many steps again; nothing more is sent.
package struct Ditto: SummingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "ditto", summary: "averaging, and a model of each site's own beside; twice the steps",
    paper: "arXiv 2012.04221",
    parameters: [
      .init("lambda", default: 0.1, range: 0...1000, meaning: "how strongly it is held to the global model")
    ],
    isPersonal: true)

  private let hold: Double

  package init(_ parameters: StrategyParameters) {
    hold = parameters["lambda"]
  }

  package func localRule(_ ranges: [TensorRange], state: [ServerBuffer]) -> WireLocalRule? {
    .with { $0.ditto = hold }
  }
}
