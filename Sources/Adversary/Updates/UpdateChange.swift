import FederationProtocol
import Foundations

/// What a hostile site by itself makes of its honest update Δ.
package enum UpdateChange: Sendable, Equatable {
  /// c·Δ. With c < 0 the sign flip (Karimireddy et al., arXiv 2012.10333), with c > 1 boosting (Bagdasaryan et al., arXiv
  /// 1807.00459, "model replacement"; Sun et al., arXiv 1911.07963).
  case scaled(by: Double)
  /// Independent normal numbers around 0 instead (Blanchard et al., arXiv 1703.02757); their deviation in root mean squares of Δ,
  /// so that it fits every network.
  case noise(sigma: Double)

  /// The update that is sent; noise is drawn for the site and the round.
  package func changed(_ honest: [Float], site: String, round: Int, seed: UInt64) -> [Float] {
    switch self {
    case .scaled(let factor): return honest.map { Float(factor * Double($0)) }
    case .noise(let sigma):
      let deviation = sigma * Self.rootMeanSquare(honest)
      var noise = UpdateNoise(site: site, round: round, seed: seed)
      return honest.map { _ in Float(deviation * noise.normal()) }
    }
  }

  static func rootMeanSquare(_ values: [Float]) -> Double {
    if values.isEmpty { return 0 }
    return (values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(values.count)).squareRoot()
  }
}

/// The normal numbers of one hostile site in one round.
struct UpdateNoise {
  private var stream: RandomStream

  init(site: String, round: Int, seed: UInt64) {
    stream = RandomStream(seed: seed, purpose: .attack, site: site, round: round, step: 1)
  }

  mutating func normal() -> Double { stream.normal() }
}

extension WireWeights {
  /// Names and shapes as they came.
  var tensorRanges: [TensorRange] {
    ranges.map { TensorRange(name: $0.name, shape: $0.shape.map { Int($0) }) }
  }
}
