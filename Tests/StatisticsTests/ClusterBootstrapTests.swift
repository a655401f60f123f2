import Foundations
import Statistics
import TestSupport
import Testing

@Suite struct ClusterBootstrapTests {
  private struct Question: Encodable {
    let sites: [[Double]]
    let distribution: [Double]
    let confidence: Double
    let method: String
    let each: String
  }

  private static func sites(_ counts: [Int], seed: UInt64) -> [[Double]] {
    var stream = RandomStream(seed: seed, purpose: .test)
    return counts.map { count in
      let level = 0.7 + 0.1 * stream.normal()
      return (0..<count).map { _ in level + 0.05 * stream.normal() }
    }
  }

  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: ClusterBootstrap.Method.allCases, [0.9, 0.95])
  func intervalsEqualSciPys(method: ClusterBootstrap.Method, confidence: Double) throws {
    for (index, counts) in [[3, 20, 5, 8], [1, 1, 1, 1, 1, 1], [511, 6, 15, 47, 22, 34, 12, 8]].enumerated() {
      let sites = Self.sites(counts, seed: UInt64(index))
      let bootstrap = ClusterBootstrap(resamples: 999, confidence: confidence, method: method, seed: 3)
      for each in ["case", "site"] {
        let statistic = each == "case" ? ClusterBootstrap.meanOverCases : ClusterBootstrap.meanOverSites
        let drawn = bootstrap.distribution(sites, statistic: statistic)
        let expected = try Inference.reference(
          "bootstrap",
          Question(
            sites: sites, distribution: drawn, confidence: confidence, method: method.rawValue, each: each),
          as: [Double].self)
        let found = try #require(bootstrap.interval(sites, statistic: statistic))
        #expect(Inference.isNear(found.lower, expected[0]), "\(counts) \(each)")
        #expect(Inference.isNear(found.upper, expected[1]), "\(counts) \(each)")
      }
    }
  }

  /// Of 400 studies whose sites differ, the interval holds the truth in about as many as it says: with 20 sites near 93 %.
  @Test func coversTheTruth() {
    var hits = 0
    var stream = RandomStream(seed: 9, purpose: .test)
    for study in 0..<400 {
      let sites = (0..<20).map { _ in
        let level = stream.normal()
        return (0..<5).map { _ in level + 0.2 * stream.normal() }
      }
      let bootstrap = ClusterBootstrap(resamples: 400, seed: UInt64(study))
      if let found = bootstrap.interval(sites), found.lower <= 0 && 0 <= found.upper { hits += 1 }
    }
    #expect(355...392 ~= hits, "\(hits) of 400")
  }

  @Test func thereIsNoIntervalOfOneSite() {
    #expect(ClusterBootstrap().interval([[1, 2, 3]]) == nil)
    let same = ClusterBootstrap(resamples: 50).interval([[0.5], [0.5]])
    #expect(same == .init(lower: 0.5, upper: 0.5))
  }
}
