/// Adam at the server (Reddi et al., arXiv 2003.00295): `AdaptiveServer` with v ← β₂·v + (1 − β₂)·Δ².
package struct FedAdam: AggregationStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "fedadam", summary: "averaging's step taken by Adam at the server", paper: "arXiv 2003.00295",
    parameters: AdaptiveServer.parameters(rate: 0.03) + [AdaptiveServer.secondMoment])

  private let server: AdaptiveServer
  private let beta2: Double

  package init(_ parameters: StrategyParameters) {
    server = AdaptiveServer(parameters)
    beta2 = parameters["beta2"]
  }

  package func initialState(count: Int) -> [ServerBuffer] { server.initialState(count: count) }

  package func apply(_ sum: WeightedSum, to model: [Float], state: inout [ServerBuffer]) -> [Float] {
    server.apply(sum, to: model, state: &state) { beta2 * $0 + (1 - beta2) * $1 }
  }
}
