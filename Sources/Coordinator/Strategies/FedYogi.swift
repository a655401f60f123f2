/// Yogi at the server (Reddi et al., arXiv 2003.00295): `AdaptiveServer`
/// with v ← v − (1 − β₂)·Δ²·sign(v − Δ²), which forgets slower than Adam.
package struct FedYogi: AdaptiveStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "fedyogi", summary: "averaging's step taken by Yogi at the server", paper: "arXiv 2003.00295",
    parameters: AdaptiveServer.parameters(rate: 0.03) + [AdaptiveServer.secondMoment])

  let server: AdaptiveServer
  private let beta2: Double

  package init(_ parameters: StrategyParameters) {
    server = AdaptiveServer(parameters)
    beta2 = parameters["beta2"]
  }

  func secondMoment(_ moment: Double, _ square: Double) -> Double {
    // The sign of 0 is 0: equal moments stay.
    if moment == square { return moment }
    return moment - (1 - beta2) * square * (moment > square ? 1 : -1)
  }
}
