import FederationProtocol

/// Dynamic regularisation (Acar et al., arXiv 2111.04263): each site's loss has −⟨hᵢ, w⟩ + α/2·‖w − wₜ‖² added, after which
/// hᵢ ← hᵢ − α·Δᵢ; at the server h ← h − α/N·Σ Δᵢ and w ← mean(wᵢ) − h/α, sites counting alike.
package struct FedDyn: SummingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "feddyn", summary: "averaging, the sites' losses bent so that all agree on one minimum",
    paper: "arXiv 2111.04263",
    parameters: [
      .init("alpha", default: 0.01, range: 1e-6...1000, meaning: "strength of the regularisation")
    ],
    takesWeights: false, keepsControls: true)

  private let alpha: Double

  package init(_ parameters: StrategyParameters) {
    alpha = parameters["alpha"]
  }

  package func initialState(count: Int) -> [ServerBuffer] { [ServerBuffer("h", count: count)] }

  package func localRule(_ ranges: [TensorRange], state: [ServerBuffer]) -> WireLocalRule? {
    .with {
      $0.proximal = alpha
      $0.correction = .feddyn
    }
  }

  package func contributions(_ updates: [UpdateFacts], weighting: Weighting) -> [Contribution] {
    updates.map { _ in Contribution(weight: 1) }
  }

  package func apply(_ round: RoundSum, to model: [Float], state: inout [ServerBuffer]) -> [Float] {
    model.indices.map { index in
      let drift = Float(
        Double(state[0].values[index]) - alpha / Double(round.sites) * round.updates.values[index])
      state[0].values[index] = drift
      return Float(Double(model[index]) + round.mean(index) - Double(drift) / alpha)
    }
  }
}
