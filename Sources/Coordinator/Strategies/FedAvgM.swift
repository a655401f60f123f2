/// Federated averaging with momentum at the server (Hsu et al., arXiv 1909.06335): v ← β·v + Δ, w ← w + η·v, where Δ is
/// federated averaging's step.
package struct FedAvgM: SummingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "fedavgm", summary: "averaging, with momentum from round to round", paper: "arXiv 1909.06335",
    parameters: [
      .init("beta", default: 0.9, range: 0...0.999, meaning: "momentum"),
      .init("eta", default: 1, range: 1e-6...100, meaning: "the server's learning rate"),
    ])

  private let momentum: Double
  private let rate: Double

  package init(_ parameters: StrategyParameters) {
    momentum = parameters["beta"]
    rate = parameters["eta"]
  }

  package func initialState(count: Int) -> [ServerBuffer] { [ServerBuffer("velocity", count: count)] }

  package func apply(_ round: RoundSum, to model: [Float], state: inout [ServerBuffer]) -> [Float] {
    model.indices.map { index in
      let velocity = Float(momentum * Double(state[0].values[index]) + round.mean(index))
      state[0].values[index] = velocity
      return Float(Double(model[index]) + rate * Double(velocity))
    }
  }
}
