/// Adagrad at the server (Reddi et al., arXiv 2003.00295): `AdaptiveServer` with v ← v + Δ².
package struct FedAdagrad: AggregationStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "fedadagrad", summary: "averaging's step taken by Adagrad at the server", paper: "arXiv 2003.00295",
    parameters: AdaptiveServer.parameters(rate: 0.1))

  private let server: AdaptiveServer

  package init(_ parameters: StrategyParameters) {
    server = AdaptiveServer(parameters)
  }

  package func initialState(count: Int) -> [ServerBuffer] { server.initialState(count: count) }

  package func apply(_ sum: WeightedSum, to model: [Float], state: inout [ServerBuffer]) -> [Float] {
    server.apply(sum, to: model, state: &state) { $0 + $1 }
  }
}
