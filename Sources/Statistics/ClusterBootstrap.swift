import Foundations

/// Bootstrap intervals for cases that belong to sites: whole sites are drawn, each with all its cases, since cases of one site are
/// alike (Field & Welsh 2007).
package struct ClusterBootstrap: Sendable {
  /// How an interval comes of the drawn statistics.
  package enum Method: String, Sendable, CaseIterable {
    /// Their quantiles.
    case percentile
    /// Bias-corrected and accelerated (Efron 1987), the acceleration by leaving out one site at a time.
    case bca
  }

  package struct Interval: Sendable, Equatable {
    package let lower: Double
    package let upper: Double

    package init(lower: Double, upper: Double) {
      self.lower = lower
      self.upper = upper
    }
  }

  package let resamples: Int
  package let confidence: Double
  package let method: Method
  package let seed: UInt64

  package init(
    resamples: Int = 10_000, confidence: Double = 0.95, method: Method = .bca, seed: UInt64 = 0
  ) {
    precondition(resamples > 0 && 0 < confidence && confidence < 1, "no interval of this")
    self.resamples = resamples
    self.confidence = confidence
    self.method = method
    self.seed = seed
  }

  /// An interval for `statistic` of the sites' cases; nil of fewer than two sites, between which nothing is drawn.
  ///
  /// `sites` holds the cases' numbers, site by site; `statistic` is given the same number of sites.
  package func interval(
    _ sites: [[Double]], statistic: ([[Double]]) -> Double = meanOverCases
  ) -> Interval? {
    guard sites.count > 1 else { return nil }
    return interval(of: distribution(sites, statistic: statistic), sites, statistic: statistic)
  }

  /// The statistic of each drawn set of sites, in the order in which they are drawn.
  package func distribution(
    _ sites: [[Double]], statistic: ([[Double]]) -> Double = meanOverCases
  ) -> [Double] {
    var stream = RandomStream(seed: seed, purpose: .bootstrap)
    return (0..<resamples).map { _ in
      // In the sites' order: the same sites give the same bits, whatever the order in which they are drawn.
      statistic(sites.map { _ in stream.integer(below: sites.count) }.sorted().map { sites[$0] })
    }
  }

  /// The interval that a distribution of drawn statistics gives.
  package func interval(
    of distribution: [Double], _ sites: [[Double]], statistic: ([[Double]]) -> Double = meanOverCases
  ) -> Interval {
    let sorted = distribution.sorted()
    let tail = (1 - confidence) / 2
    let plain = (lower: tail, upper: 1 - tail)
    let shares =
      method == .bca
      ? corrected(tail, sorted, sites, statistic) ?? plain : plain
    return Interval(
      lower: sorted.percentile(100 * shares.lower), upper: sorted.percentile(100 * shares.upper))
  }

  /// Where to cut the distribution; nil where leaving out a site changes nothing or the statistic lies outside of what was drawn.
  private func corrected(
    _ tail: Double, _ sorted: [Double], _ sites: [[Double]], _ statistic: ([[Double]]) -> Double
  ) -> (lower: Double, upper: Double)? {
    let found = statistic(sites)
    let below = sorted.count { $0 < found }
    let notAbove = sorted.count { $0 <= found }
    let bias = NormalDistribution.quantile(Double(below + notAbove) / Double(2 * sorted.count))
    let without = sites.indices.map { left in
      statistic(sites.indices.filter { $0 != left }.map { sites[$0] })
    }
    let mean = without.mean
    let squares = without.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) }
    guard squares > 0, bias.isFinite else { return nil }
    let cubes = without.reduce(0.0) { $0 + (mean - $1) * (mean - $1) * (mean - $1) }
    let acceleration = cubes / (6 * squares * squares.squareRoot())
    func share(_ share: Double) -> Double {
      let z = bias + NormalDistribution.quantile(share)
      return NormalDistribution.cumulative(bias + z / (1 - acceleration * z))
    }
    return (share(tail), share(1 - tail))
  }

  /// Each case counts the same.
  package static func meanOverCases(_ sites: [[Double]]) -> Double {
    let sum = sites.reduce(0.0) { $1.reduce($0, +) }
    return sum / Double(sites.reduce(0) { $0 + $1.count })
  }

  /// Each site counts the same.
  package static func meanOverSites(_ sites: [[Double]]) -> Double { sites.map(\.mean).mean }
}
