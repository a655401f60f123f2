/// Contributions by enumeration: every coalition is asked for.
package enum Shapley {
  /// Each site's part of what all are worth beyond nobody (Shapley 1953); they sum to that. Takes 2ⁿ values.
  package static func values(_ values: inout CoalitionValues) async throws -> [Double] {
    let n = values.players
    precondition(n <= 16, "\(n) sites are too many to enumerate")
    // size!(n − size − 1)!/n! for a coalition of `size` that a site joins.
    var weights = [1 / Double(n)]
    for size in stride(from: 1, to: n, by: 1) {
      weights.append(weights[size - 1] * Double(size) / Double(n - size))
    }
    var result = [Double](repeating: 0, count: n)
    for coalition in 0...values.everyone {
      for player in 0..<n where coalition >> UInt64(player) & 1 == 0 {
        let gain = try await values.value(coalition | 1 << UInt64(player)) - values.value(coalition)
        result[player] += weights[coalition.nonzeroBitCount] * gain
      }
    }
    return result
  }

  /// What all are worth minus what they are without each; these do not sum to anything.
  package static func leaveOneOut(_ values: inout CoalitionValues) async throws -> [Double] {
    let whole = try await values.value(values.everyone)
    var result: [Double] = []
    for player in 0..<values.players {
      result.append(whole - (try await values.value(values.everyone & ~(1 << UInt64(player)))))
    }
    return result
  }
}
