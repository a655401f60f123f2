/// Federated averaging, weighted by the sites' training cases (McMahan et al., arXiv 1602.05629):
/// w ← w + Σ nᵢ·Δᵢ / Σ nᵢ, which is the paper's weighted mean of the sites' weights.
package struct FederatedAveraging: AggregationStrategy {
  package init() {}

  package var name: String { "fedavg" }

  package var needs: AggregationNeed { .weightedSum }

  package func weight(cases: Int, steps: Int) -> Double { Double(cases) }

  package func apply(_ sum: WeightedSum, to model: [Float]) -> [Float] {
    precondition(sum.weight > 0, "nothing was added")
    return zip(model, sum.values).map { Float(Double($0) + $1 / sum.weight) }
  }
}
