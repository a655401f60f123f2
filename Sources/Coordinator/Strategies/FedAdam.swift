/// Adam at the server (Reddi et al., arXiv 2003.00295): `AdaptiveServer` with v ← β₂·v + (1 − β₂)·Δ².
package struct FedAdam: AdaptiveStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "fedadam", summary: "averaging's step taken by Adam at the server", paper: "arXiv 2003.00295",
    parameters: AdaptiveServer.parameters(rate: 0.03) + [AdaptiveServer.secondMoment])

  let server: AdaptiveServer
  private let beta2: Double

  package init(_ parameters: StrategyParameters) {
    server = AdaptiveServer(parameters)
    beta2 = parameters["beta2"]
  }

  func secondMoment(_ moment: Double, _ square: Double) -> Double {
    beta2 * moment + (1 - beta2) * square
  }
}
