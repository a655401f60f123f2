/// Yogi at the server (Reddi et al., arXiv 2003.00295): `AdaptiveServer` with v ← v − (1 − β₂)·Δ²·sign(v − Δ²), which forgets slower than Adam.
package struct FedYogi: AggregationStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "fedyogi", summary: "averaging's step taken by Yogi at the server", paper: "arXiv 2003.00295",
    parameters: AdaptiveServer.parameters(rate: 0.03) + [AdaptiveServer.secondMoment])

  private let server: AdaptiveServer
  private let beta2: Double

  package init(_ parameters: StrategyParameters) {
    server = AdaptiveServer(parameters)
    beta2 = parameters["beta2"]
  }

  package func initialState(count: Int) -> [ServerBuffer] { server.initialState(count: count) }

  package func apply(_ sum: WeightedSum, to model: [Float], state: inout [ServerBuffer]) -> [Float] {
    server.apply(sum, to: model, state: &state) { moment, square in
      // The sign of 0 is 0: equal moments stay.
      if moment == square { return moment }
      return moment - (1 - beta2) * square * (moment > square ? 1 : -1)
    }
  }
}
