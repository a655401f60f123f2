import FederationProtocol
import Foundations

/// Averaging that favours sites with a high loss (Li et al., arXiv 1905.10497, q-FedAvg): with Fᵢ a site's loss before training
/// and L the inverse of the learning rate, w ← w + Σ Fᵢ^q·L·Δᵢ / Σ (q·Fᵢ^(q−1)·L²·‖Δᵢ‖² + L·Fᵢ^q).
package struct QFedAvg: SummingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "qfedavg", summary: "averaging that favours sites whose loss is high", paper: "arXiv 1905.10497",
    parameters: [
      .init("q", default: 1, range: 0...10, meaning: "how much; 0: all sites alike"),
      .init(
        "lipschitz", default: 1, range: 1e-3...1e6, meaning: "1 over the learning rate; larger: shorter steps"
      ),
    ], takesWeights: false)

  private let power: Double
  private let lipschitz: Double

  package init(_ parameters: StrategyParameters) {
    power = parameters["q"]
    lipschitz = parameters["lipschitz"]
  }

  package func localRule(_ ranges: [TensorRange], state: [ServerBuffer]) -> WireLocalRule? {
    .with { $0.startLoss = true }
  }

  package func contributions(_ updates: [UpdateFacts], weighting: Weighting) -> [Contribution] {
    updates.map { update in
      guard let told = update.startLoss else { preconditionFailure("the rule asks for it") }
      // The paper's code adds 1e-10 for a loss of 0.
      let loss = told + 1e-10
      let square = lipschitz * update.norm * (lipschitz * update.norm)
      let factor = PortableMath.pow(loss, power)
      let curvature = power * PortableMath.pow(loss, power - 1) * square
      return Contribution(factor: factor * lipschitz, weight: curvature + lipschitz * factor)
    }
  }
}
