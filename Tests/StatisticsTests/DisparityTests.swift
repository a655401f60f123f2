import Foundations
import Statistics
import TestSupport
import Testing

@Suite struct DisparityTests {
  private struct Expected: Decodable {
    let mean: Double
    let median: Double
    let deviation: Double
    let range: Double
    let worst: Int
    let decile: Double
    let gini: Double
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage)) func equalsSciPy() throws {
    var stream = RandomStream(seed: 2, purpose: .test)
    let samples = [2, 4, 10, 11, 23, 71].map { count in (0..<count).map { _ in stream.uniform() } }
    let expected = try Inference.reference("summary", samples, as: [Expected].self)
    for (values, expected) in zip(samples, expected) {
      let found = try #require(Disparity(values))
      let sample = try #require(Sample(values))
      let pairs = [
        (sample.mean, expected.mean), (sample.median, expected.median), (found.deviation, expected.deviation),
        (found.range, expected.range), (found.worstDecile, expected.decile),
        (found.gini ?? -1, expected.gini), (found.worstValue, values[expected.worst]),
      ]
      for (found, expected) in pairs { #expect(Inference.isNear(found, expected)) }
      #expect(found.worst == expected.worst)
    }
  }

  @Test func fewSites() throws {
    #expect(Disparity([]) == nil)
    let one = try #require(Disparity([0.5]))
    #expect(one.range == 0 && one.deviation == 0 && one.gini == 0)
    #expect(try #require(Disparity([0, 0])).gini == nil)
    #expect(try #require(Disparity([0.5, 0.2, 0.2])).worst == 1)
  }
}
