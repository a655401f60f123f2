/// A strategy whose optimiser at the coordinator is adaptive; each has its own rule for v (see `AdaptiveServer`).
protocol AdaptiveStrategy: SummingStrategy {
  var server: AdaptiveServer { get }

  /// The next v of v and Δ².
  func secondMoment(_ moment: Double, _ square: Double) -> Double
}

extension AdaptiveStrategy {
  package func initialState(count: Int) -> [ServerBuffer] { server.initialState(count: count) }

  package func apply(_ round: RoundSum, to model: [Float], state: inout [ServerBuffer]) -> [Float] {
    server.apply(round, to: model, state: &state, second: secondMoment)
  }
}

/// What FedAdagrad, FedAdam and FedYogi share (Reddi et al., arXiv 2003.00295, algorithm 2): with Δ federated averaging's step,
/// m ← β₁·m + (1 − β₁)·Δ, v by each one's own rule from v₀ = τ², w ← w + η·m / (√v + τ); moments are not corrected for their begin.
struct AdaptiveServer: Sendable {
  /// `rate` is the default of η.
  static func parameters(rate: Double) -> [StrategyDescriptor.Parameter] {
    [
      .init("eta", default: rate, range: 1e-6...10, meaning: "the server's learning rate"),
      .init("beta1", default: 0.9, range: 0...0.999, meaning: "momentum"),
      .init("tau", default: 1e-3, range: 1e-12...1, meaning: "adaptivity: below it steps get no larger"),
    ]
  }

  static let secondMoment = StrategyDescriptor.Parameter(
    "beta2", default: 0.99, range: 0...0.9999, meaning: "decay of the second moment")

  private let rate: Double
  private let momentum: Double
  private let adaptivity: Double

  init(_ parameters: StrategyParameters) {
    rate = parameters["eta"]
    momentum = parameters["beta1"]
    adaptivity = parameters["tau"]
  }

  func initialState(count: Int) -> [ServerBuffer] {
    [
      ServerBuffer("momentum", count: count),
      ServerBuffer("second_moment", filled: Float(adaptivity * adaptivity), count: count),
    ]
  }

  /// `second` is the rule: the next v of v and Δ².
  func apply(
    _ round: RoundSum, to model: [Float], state: inout [ServerBuffer], second: (Double, Double) -> Double
  ) -> [Float] {
    model.indices.map { index in
      let step = round.mean(index)
      let first = Float(momentum * Double(state[0].values[index]) + (1 - momentum) * step)
      let moment = Float(second(Double(state[1].values[index]), step * step))
      state[0].values[index] = first
      state[1].values[index] = moment
      return Float(
        Double(model[index]) + rate * Double(first) / (Double(moment).squareRoot() + adaptivity))
    }
  }
}
