/// Contributions by enumeration: every coalition is asked for.
package enum Shapley {
  /// The most sites that are enumerated.
  package static let mostPlayers = 16

  /// Each site's part of what all are worth beyond nobody (Shapley 1953), for each judge; they sum to that. Takes 2ⁿ values.
  package static func values(_ values: inout CoalitionValues) async throws -> [[Double]] {
    let n = values.players
    precondition(n <= mostPlayers, "\(n) sites are too many to enumerate")
    // size! (n − 1 − size)! / n!, for a coalition of `size` that a site joins.
    var weights = [1 / Double(n)]
    for size in stride(from: 1, to: n, by: 1) {
      weights.append(weights[size - 1] * Double(size) / Double(n - size))
    }
    let judges = try await values.value(0).count
    var result = [[Double]](repeating: [Double](repeating: 0, count: judges), count: n)
    for coalition in 0...values.everyone {
      let before = try await values.value(coalition)
      for player in 0..<n where coalition >> UInt64(player) & 1 == 0 {
        let after = try await values.value(coalition | 1 << UInt64(player))
        result[player].add(weights[coalition.nonzeroBitCount], after, minus: before)
      }
    }
    return result
  }

  /// What all are worth minus what they are without each, for each judge; these do not sum to anything.
  package static func leaveOneOut(_ values: inout CoalitionValues) async throws -> [[Double]] {
    let whole = try await values.value(values.everyone)
    var result: [[Double]] = []
    for player in 0..<values.players {
      let rest = try await values.value(values.everyone & ~(1 << UInt64(player)))
      result.append(zip(whole, rest).map { $0 - $1 })
    }
    return result
  }
}
