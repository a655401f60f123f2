import Foundations

/// GTG-Shapley (Liu et al. 2021, arXiv 2109.02053): permutations in which each site comes first as often, cut off where nothing is
/// left to gain, until the mean stands still.
///
/// What is left where a permutation is cut off is shared by the sites behind: contributions sum to the gain to the last digit, while
/// in the paper they miss it by less than the tolerance.
package struct GuidedShapley: Sendable {
  /// One site's contribution in a round.
  package struct Part: Sendable, Equatable {
    package let value: Double
    /// The standard error over permutations; 0 where there is none.
    package let error: Double
  }

  /// A round whose gain is smaller is nobody's, and a permutation is cut off where so little is left.
  package var tolerance = 0.001
  /// Relative change of the contributions over the last permutations below which it ends.
  package var convergence = 0.02
  package var mostPermutations = 200
  package var seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  /// The sites' parts of the gain of `round`, whose draws it names.
  package func parts(_ values: inout CoalitionValues, round: Int) async throws -> [Part] {
    let n = values.players
    let (nobody, everyone) = (try await values.value(0), try await values.value(values.everyone))
    let gain = everyone - nobody
    // A gain below the tolerance is shared equally: it is noise, and the parts still sum to it.
    if n == 1 || abs(gain) < tolerance {
      return [Part](repeating: Part(value: gain / Double(n), error: 0), count: n)
    }
    var stream = RandomStream(seed: seed, purpose: .contribution, round: round)
    var sums = [Double](repeating: 0, count: n)
    var squares = sums
    var means: [[Double]] = []
    var count = 0
    while count < mostPermutations {
      // A whole turn, in which each site has been first once.
      for first in 0..<n {
        let rest = stream.permutation(n - 1).map { $0 < first ? $0 : $0 + 1 }
        let gains = try await marginalGains([first] + rest, &values, nobody: nobody, everyone: everyone)
        for player in 0..<n {
          sums[player] += gains[player]
          squares[player] += gains[player] * gains[player]
        }
        count += 1
      }
      means.append(sums.map { $0 / Double(count) })
      if isConverged(means) { break }
    }
    return (0..<n).map { player in
      let mean = sums[player] / Double(count)
      let variance = max(0, squares[player] / Double(count) - mean * mean)
      return Part(value: mean, error: (variance / Double(max(1, count - 1))).squareRoot())
    }
  }

  private func marginalGains(
    _ order: [Int], _ values: inout CoalitionValues, nobody: Double, everyone: Double
  ) async throws -> [Double] {
    var gains = [Double](repeating: 0, count: order.count)
    var coalition: CoalitionValues.Coalition = 0
    var before = nobody
    for (place, player) in order.enumerated() {
      if abs(everyone - before) < tolerance {
        for other in order[place...] { gains[other] = (everyone - before) / Double(order.count - place) }
        break
      }
      coalition |= 1 << UInt64(player)
      let value = try await values.value(coalition)
      gains[player] = value - before
      before = value
    }
    return gains
  }

  /// Whether the contributions changed little over the last three turns.
  private func isConverged(_ means: [[Double]]) -> Bool {
    guard means.count > 3, let last = means.last else { return false }
    let scale = last.map(abs).mean
    return means.suffix(4).dropLast().allSatisfy { earlier in
      zip(earlier, last).map { abs($0 - $1) }.mean <= convergence * scale
    }
  }
}
