import Foundations

/// GTG-Shapley (Liu et al. 2021, arXiv 2109.02053): permutations in which each site comes first as often, cut off where nothing is
/// left to gain, until the mean stands still. What is to be gained is what the judges say in the mean.
///
/// What is left where a permutation is cut off is shared by the sites behind, and a round whose gain is below the tolerance by all:
/// contributions sum to the gain to the last digit, while in the paper they miss it by less than the tolerance.
package struct GuidedShapley: Sendable {
  /// One site's contribution in a round.
  package struct Part: Sendable, Equatable {
    /// For each judge.
    package let values: [Double]
    /// The standard error of their mean over permutations; 0 where there is none.
    package let error: Double

    package init(values: [Double], error: Double = 0) {
      self.values = values
      self.error = error
    }

    package var value: Double { values.mean }
  }

  /// A round whose gain is smaller is nobody's in particular, and a permutation is cut off where so little is left.
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
    if n == 1 || abs(everyone.mean - nobody.mean) < tolerance {
      let share = zip(everyone, nobody).map { ($0 - $1) / Double(n) }
      return [Part](repeating: Part(values: share, error: 0), count: n)
    }
    var stream = RandomStream(seed: seed, purpose: .contribution, round: round)
    var sums = [[Double]](repeating: nobody.map { _ in 0 }, count: n)
    var squares = [Double](repeating: 0, count: n)
    var means: [[Double]] = []
    var count = 0
    while count < mostPermutations {
      // A whole turn, in which each site has been first once.
      for first in 0..<n {
        let order = [first] + stream.permutation(n - 1).map { $0 < first ? $0 : $0 + 1 }
        let gains = try await gains(order, &values)
        for (player, gain) in gains.enumerated() {
          for judge in gain.indices { sums[player][judge] += gain[judge] }
          squares[player] += gain.mean * gain.mean
        }
        count += 1
      }
      means.append(sums.map { $0.mean / Double(count) })
      if isConverged(means) { break }
    }
    return (0..<n).map { player in
      let found = sums[player].map { $0 / Double(count) }
      let variance = max(0, squares[player] / Double(count) - found.mean * found.mean)
      return Part(values: found, error: (variance / Double(max(1, count - 1))).squareRoot())
    }
  }

  /// What each site adds to those before it, for each judge.
  private func gains(_ order: [Int], _ values: inout CoalitionValues) async throws -> [[Double]] {
    let everyone = try await values.value(values.everyone)
    var gains = [[Double]](repeating: everyone.map { _ in 0 }, count: order.count)
    var coalition: CoalitionValues.Coalition = 0
    var before = try await values.value(0)
    for (place, player) in order.enumerated() {
      if abs(everyone.mean - before.mean) < tolerance {
        for other in order[place...] {
          gains[other].add(1 / Double(order.count - place), everyone, minus: before)
        }
        break
      }
      coalition |= 1 << UInt64(player)
      let value = try await values.value(coalition)
      gains[player].add(1, value, minus: before)
      before = value
    }
    return gains
  }

  /// Whether the contributions changed little over the last three turns.
  private func isConverged(_ means: [[Double]]) -> Bool {
    guard means.count > 3, let last = means.last else { return false }
    let scale = last.map { abs($0) }.mean
    return means.suffix(4).dropLast().allSatisfy { earlier in
      zip(earlier, last).map { abs($0 - $1) }.mean <= convergence * scale
    }
  }
}
