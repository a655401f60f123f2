import Statistics
import Testing

@Suite struct ContributionTests {
  /// The glove game: sites 0 and 1 have a left glove each, site 2 a right one; a pair is worth 1. Shapley's own values.
  @Test func theGloveGame() async throws {
    var values = CoalitionValues(players: 3) { [$0 & 4 != 0 && $0 & 3 != 0 ? 1 : 0] }
    let found = try await Shapley.values(&values)
    for (found, expected) in zip(found, [1.0 / 6, 1.0 / 6, 4.0 / 6]) {
      #expect(abs(found[0] - expected) < 1e-12)
    }
    #expect(values.asked == 8)
    let without = try await Shapley.leaveOneOut(&values)
    #expect(without == [[0], [0], [1]])
  }

  /// What a model is worth that learns less and less from more, from one site nothing, and from two the same; to two judges.
  private static func worth(_ coalition: UInt64) -> [Double] {
    let parts = [0.3, 0.3, 0.0, 0.8]
    let sum = parts.indices.reduce(0.0) { coalition >> UInt64($1) & 1 == 1 ? $0 + parts[$1] : $0 }
    return [0.1 + 0.8 * sum / (0.5 + sum), 0.2 + 0.1 * sum]
  }

  @Test func guidedEqualsEnumeration() async throws {
    var values = CoalitionValues(players: 4) { Self.worth($0) }
    let exact = try await Shapley.values(&values)
    var guided = GuidedShapley(seed: 5)
    guided.convergence = 0
    guided.tolerance = 1e-6
    guided.mostPermutations = 4000
    let parts = try await guided.parts(&values, round: 1)
    for (part, exact) in zip(parts, exact) {
      let mean = (exact[0] + exact[1]) / 2
      #expect(abs(part.value - mean) < 0.01, "\(part) \(exact)")
      #expect(abs(part.value - mean) < 5 * part.error + 1e-9)
    }
    for judge in 0..<2 {
      let gain = Self.worth(15)[judge] - Self.worth(0)[judge]
      #expect(abs(parts.reduce(0.0) { $0 + $1.values[judge] } - gain) < 1e-12)
      #expect(abs(exact.reduce(0.0) { $0 + $1[judge] } - gain) < 1e-12)
      #expect(abs(exact[0][judge] - exact[1][judge]) < 1e-15)
      #expect(abs(parts[2].values[judge]) < 1e-12)
    }
    // The second judge adds: each site's part is its own.
    for (exact, part) in zip(exact, [0.03, 0.03, 0, 0.08]) { #expect(abs(exact[1] - part) < 1e-12) }
  }

  /// Cut off early, contributions still sum to the gain, and fewer coalitions are asked for.
  @Test func truncationKeepsTheSum() async throws {
    var values = CoalitionValues(players: 12) { [1 - 1 / Double(1 + 40 * $0.nonzeroBitCount)] }
    var guided = GuidedShapley(seed: 1)
    guided.tolerance = 0.01
    let parts = try await guided.parts(&values, round: 3)
    let gain = 1 - 1 / Double(481)
    #expect(abs(parts.reduce(0.0) { $0 + $1.value } - gain) < 1e-12)
    #expect(values.asked < 300)
  }

  @Test func aRoundWithoutGainIsShared() async throws {
    var values = CoalitionValues(players: 4) { [$0 == 15 ? 0.0004 : 0] }
    let parts = try await GuidedShapley(seed: 1).parts(&values, round: 1)
    #expect(parts.allSatisfy { abs($0.value - 0.0001) < 1e-15 && $0.error == 0 })
    #expect(values.asked == 2)
  }
}
