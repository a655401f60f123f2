import FederationProtocol

/// Averaging with control variates (Karimireddy et al., arXiv 1910.06378): each site follows its gradient + c − cᵢ, and then sets
/// cᵢ⁺ = cᵢ − c + (w₀ − wᵢ)/Σηₖ (option II); w ← w + η·mean(Δᵢ) and c ← c + |S|/N·mean(cᵢ⁺ − cᵢ), sites counting alike.
package struct Scaffold: SummingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "scaffold", summary: "averaging with control variates against the sites' drift; twice the bytes",
    paper: "arXiv 1910.06378",
    parameters: [
      .init("eta", default: 1, range: 1e-6...100, meaning: "the server's learning rate"),
      .init(
        "allow-momentum", default: 0, range: 0...1,
        meaning: "1: lets optimisers pass that its rule is not for"),
    ], optimizer: .plainSGD, takesWeights: false, keepsControls: true)

  private let rate: Double

  package init(_ parameters: StrategyParameters) {
    rate = parameters["eta"]
  }

  package var hasControls: Bool { true }

  package func initialState(count: Int) -> [ServerBuffer] { [ServerBuffer("control", count: count)] }

  package func localRule(_ ranges: [TensorRange], state: [ServerBuffer]) -> WireLocalRule? {
    .with {
      $0.correction = .scaffold
      $0.control = WireWeights(ranges: ranges, values: state[0].values)
    }
  }

  package func contributions(_ updates: [UpdateFacts], weighting: Weighting) -> [Contribution] {
    updates.map { _ in Contribution(weight: 1) }
  }

  package func apply(_ round: RoundSum, to model: [Float], state: inout [ServerBuffer]) -> [Float] {
    for index in model.indices {
      // |S|/N times the mean of the sites that took part is their sum over N.
      let change = round.controls.values[index] / Double(round.sites)
      state[0].values[index] = Float(Double(state[0].values[index]) + change)
    }
    return model.indices.map { Float(Double(model[$0]) + rate * round.mean($0)) }
  }
}
