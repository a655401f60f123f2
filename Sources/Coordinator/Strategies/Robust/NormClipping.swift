/// Averaging of updates that are shortened to a norm of C where they are longer (Sun et al., arXiv 1911.07963):
/// w ← w + Σ nᵢ·min(1, C/‖Δᵢ‖)·Δᵢ / Σ nᵢ.
///
/// C is `norm`; with 0 it is the median of the round's norms, which hostile sites cannot move far while they are fewer than half.
package struct NormClipping: SummingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "normclip", summary: "averaging of updates that are cut to a norm", paper: "arXiv 1911.07963",
    parameters: [
      .init("norm", default: 0, range: 0...1e9, meaning: "the largest norm; 0: the median of the round's")
    ])

  private let norm: Double

  package init(_ parameters: StrategyParameters) {
    norm = parameters["norm"]
  }

  package func contributions(_ updates: [UpdateFacts], weighting: Weighting) -> [Contribution] {
    let limit = norm > 0 ? norm : updates.map(\.norm).median
    return updates.map { update in
      let weight = weighting.weight(of: update)
      return Contribution(
        factor: update.norm > limit ? weight * (limit / update.norm) : weight, weight: weight)
    }
  }
}
