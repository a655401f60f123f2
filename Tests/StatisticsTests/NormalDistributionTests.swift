import Statistics
import TestSupport
import Testing

@Suite struct NormalDistributionTests {
  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage)) func equalsSciPy() throws {
    let values = Array(stride(from: -8.0, through: 8, by: 0.0625)) + [-37, -20, 12]
    let expected = try Inference.reference("normal", values, as: [[Double?]].self)
    for (z, expected) in zip(values, expected) {
      let (below, above) = (try #require(expected[0]), try #require(expected[1]))
      #expect(abs(NormalDistribution.cumulative(z) - below) <= 1e-12 * below, "\(z)")
      #expect(abs(NormalDistribution.upperTail(z) - above) <= 1e-12 * above, "\(z)")
      // Above 5 so many digits of the share are 9 that the value cannot be had back.
      if z < 5, let quantile = expected[2] {
        #expect(Inference.isNear(NormalDistribution.quantile(below), quantile, 1e-10), "\(z)")
      }
    }
  }

  /// scipy 1.17.1: `scipy.stats.norm.ppf(p)`.
  @Test(arguments: [
    (1e-300, -37.0470962993612), (1e-10, -6.361340902404056), (0.02, -2.053748910631823),
    (0.075, -1.4395314709384563), (0.3, -0.5244005127080409), (0.5, 0.0), (0.925, 1.4395314709384563),
    (0.975, 1.959963984540054), (1 - 0x1p-40, 7.047700256664409),
  ])
  func quantilesAgreeWithSciPy(p: Double, expected: Double) {
    #expect(abs(NormalDistribution.quantile(p) - expected) <= 1e-14 * max(1, abs(expected)))
  }

  @Test func quantilesAtTheEnds() {
    #expect(NormalDistribution.quantile(0) == -.infinity)
    #expect(NormalDistribution.quantile(1) == .infinity)
    #expect(NormalDistribution.quantile(1.5).isNaN && NormalDistribution.quantile(.nan).isNaN)
  }
}
