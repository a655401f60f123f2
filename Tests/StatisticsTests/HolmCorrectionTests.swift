import Foundations
import Statistics
import Testing

@Suite struct HolmCorrectionTests {
  /// Holm's is Bonferroni's of all families that hold the test (closed testing, Marcus et al. 1976), by enumeration.
  @Test func equalsClosedTesting() {
    var stream = RandomStream(seed: 1, purpose: .test)
    for count in 1...9 {
      let values = (0..<count).map { _ in stream.uniform() * stream.uniform() * 0.2 }
      let expected = values.indices.map { index in
        (1..<(1 << count)).filter { $0 >> index & 1 == 1 }.map { family in
          let members = values.indices.filter { family >> $0 & 1 == 1 }
          return min(1, Double(members.count) * (members.map { values[$0] }.min() ?? 1))
        }.max() ?? 0
      }
      for (found, expected) in zip(HolmCorrection.adjusted(values), expected) {
        #expect(abs(found - expected) < 1e-15)
      }
    }
  }

  /// The example in the documentation of R's `p.adjust` and of many courses.
  @Test func thePublishedExample() {
    let found = HolmCorrection.adjusted([0.01, 0.04, 0.03, 0.005])
    for (found, expected) in zip(found, [0.03, 0.06, 0.06, 0.02]) { #expect(abs(found - expected) < 1e-15) }
    #expect(HolmCorrection.adjusted([]).isEmpty)
    #expect(HolmCorrection.adjusted([0.9, 0.8]) == [1, 1])
  }
}
