/// Federated averaging, weighted by the sites' training cases (McMahan et al., arXiv 1602.05629):
/// w ← w + Σ nᵢ·Δᵢ / Σ nᵢ, which is the paper's weighted mean of the sites' weights.
package struct FederatedAveraging: SummingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "fedavg", summary: "the mean of the sites' models, weighted by training cases",
    paper: "arXiv 1602.05629")

  package init() {}

  package init(_ parameters: StrategyParameters) {}
}
