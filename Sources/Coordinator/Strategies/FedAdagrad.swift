/// Adagrad at the server (Reddi et al., arXiv 2003.00295): `AdaptiveServer` with v ← v + Δ².
package struct FedAdagrad: AdaptiveStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "fedadagrad", summary: "averaging's step taken by Adagrad at the server", paper: "arXiv 2003.00295",
    parameters: AdaptiveServer.parameters(rate: 0.1))

  let server: AdaptiveServer

  package init(_ parameters: StrategyParameters) {
    server = AdaptiveServer(parameters)
  }

  func secondMoment(_ moment: Double, _ square: Double) -> Double {
    moment + square
  }
}
