import FederationProtocol

/// Federated averaging of sites that are held near the round's start: each adds μ/2·‖w − w₀‖² to its loss (Li et al.,
/// arXiv 1812.06127).
package struct FedProx: SummingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "fedprox", summary: "averaging, each site held near the round's start", paper: "arXiv 1812.06127",
    parameters: [
      .init("mu", default: 0.01, range: 0...1000, meaning: "how strongly a site is held")
    ])

  private let proximal: Double

  package init(_ parameters: StrategyParameters) {
    proximal = parameters["mu"]
  }

  package func localRule(_ ranges: [TensorRange], state: [ServerBuffer]) -> WireLocalRule? {
    .with { $0.proximal = proximal }
  }
}
