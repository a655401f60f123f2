import Foundations
import Statistics
import TestSupport
import Testing

@Suite struct SignedRankTestTests {
  /// Small and large samples; whole numbers tie and are 0 at times.
  private static var samples: [[Double]] {
    var stream = RandomStream(seed: 4, purpose: .test)
    var samples: [[Double]] = [[0, 0, 0], [1], [-1, 1], [2, 2, 2, 2]]
    for count in [2, 3, 5, 8, 12, 13, 14, 20, 23, 49, 50, 51, 71, 200] {
      samples.append((0..<count).map { _ in stream.normal() + 0.3 })
      samples.append((0..<count).map { _ in (2 * stream.normal() + 1).rounded() })
      samples.append((0..<count).map { _ in stream.normal().rounded() == 0 ? 1 : stream.normal() })
    }
    return samples
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage)) func equalsSciPy() throws {
    let samples = Self.samples
    let expected = try Inference.reference("wilcoxon", samples, as: [[Double]].self)
    for (sample, expected) in zip(samples, expected) {
      let found = SignedRankTest(differences: sample)
      #expect(found.statistic == expected[0], "\(sample)")
      #expect(Inference.isNear(found.pValue, expected[1]), "\(found.pValue) \(expected[1]) \(sample)")
    }
  }

  @Test func nothingDiffers() {
    let found = SignedRankTest(differences: [0, 0])
    #expect(found.pValue == 1 && found.count == 0)
  }
}
