import FederationProtocol

/// Averaging of normalised updates (Wang et al., arXiv 2007.07481): with pᵢ the sites' weights and ‖aᵢ‖ what their optimisers
/// make of steps under a gradient of 1, w ← w + (Σ pᵢ·‖aᵢ‖)·Σ pᵢ·Δᵢ/‖aᵢ‖: sites that take more steps pull no harder.
package struct FedNova: SummingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "fednova", summary: "averaging of updates divided by the sites' own steps",
    paper: "arXiv 2007.07481",
    optimizer: .sgd)

  package init(_ parameters: StrategyParameters) {}

  package func localRule(_ ranges: [TensorRange], state: [ServerBuffer]) -> WireLocalRule? {
    .with { $0.normaliser = true }
  }

  package func contributions(_ updates: [UpdateFacts], weighting: Weighting) -> [Contribution] {
    updates.map { update in
      guard let normaliser = update.normaliser else { preconditionFailure("the rule asks for it") }
      let weight = weighting.weight(of: update)
      return Contribution(factor: weight / normaliser, weight: weight, tally: weight * normaliser)
    }
  }

  package func apply(_ round: RoundSum, to model: [Float], state: inout [ServerBuffer]) -> [Float] {
    let steps = round.updates.tally / round.updates.weight
    return model.indices.map { Float(Double(model[$0]) + steps * round.mean($0)) }
  }
}
