import Foundations
import Statistics

/// What hostile sites that know of each other's honest updates all send.
package enum CollusionRule: Sendable, Equatable {
  /// "A little is enough" (Baruch et al., arXiv 1902.06156): for each weight μ − z·σ, mean and deviation (divided by m) over the m
  /// hostile sites' honest updates.
  case littleIsEnough(z: Double)
  /// Inner product manipulation (Xie et al., arXiv 1903.03936): −ε times the mean. The paper takes the mean of the honest sites'
  /// updates; hostile ones know only their own honest updates, which are drawn alike.
  case innerProduct(epsilon: Double)

  /// The update that all of them send, made of their honest ones.
  package func update(_ honest: [[Float]]) -> [Float] {
    precondition(!honest.isEmpty, "hostile sites agree on their updates")
    let count = Double(honest.count)
    return honest[0].indices.map { index in
      let mean = honest.reduce(0.0) { $0 + Double($1[index]) } / count
      switch self {
      case .innerProduct(let epsilon): return Float(-epsilon * mean)
      case .littleIsEnough(let z):
        let squares = honest.reduce(0.0) { sum, update in
          let distance = Double(update[index]) - mean
          return sum + distance * distance
        }
        return Float(mean - z * (squares / count).squareRoot())
      }
    }
  }

  /// The paper's z for n sites of which m are hostile: the standard normal quantile at (n − m − s) / (n − m), where
  /// s = ⌊n/2 + 1⌋ − m honest sites are to be won for a majority.
  ///
  /// Nil where that is not above 0, which changes nothing, or not finite: the hostile sites are the majority by themselves.
  package static func littleIsEnough(sites n: Int, hostile m: Int) -> Double? {
    let supporters = n / 2 + 1 - m
    guard m < n, supporters > 0 else { return nil }
    let z = NormalDistribution.quantile(Double(n - m - supporters) / Double(n - m))
    return z > 0 && z.isFinite ? z : nil
  }
}
