import Coordinator
import FederationProtocol
import Foundation
import Testing

/// Metrics as sites tell them, and over all sites.
struct MetricScoreTests {
  private func metric(_ name: String, _ values: [Double]) -> WireMetricScore {
    var wire = WireMetricScore()
    wire.metric = name
    wire.cases = UInt32(values.count)
    let mean = values.reduce(0, +) / Double(values.count)
    wire.mean = mean
    wire.median = values.sorted()[values.count / 2]
    if values.count > 1 {
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      wire.deviation = (squares / Double(values.count - 1)).squareRoot()
    }
    return wire
  }

  private func site(_ name: String, cases: UInt32, _ metrics: [WireMetricScore]) throws -> SiteScores {
    var region = WireRegionScore()
    region.region = "WT"
    region.cases = cases
    region.mean = 0.5
    region.minimum = 0.25
    region.metrics = metrics
    var evaluation = WireEvaluation()
    evaluation.part = .test
    evaluation.cases = cases
    evaluation.regions = [region]
    return try SiteScores(evaluation, expecting: .test, site: name, round: 1)
  }

  @Test func overAllSitesEveryCaseCountsTheSame() throws {
    let (a, b): ([Double], [Double]) = ([3, 5, 10], [1])
    let summary = ScoreSummary([
      try site("B", cases: 1, [metric("hd95_mm", b)]), try site("A", cases: 3, [metric("hd95_mm", a)]),
    ])
    let pooled = try #require(summary.regions[0].metrics.first)
    #expect(pooled.cases == 4 && pooled.median == nil)
    // NumPy of the four values: mean 4.75, std(ddof=1).
    #expect(abs(pooled.mean! - 4.75) < 1e-12)
    #expect(abs(pooled.deviation! - 3.862210075418822) < 1e-12)
  }

  @Test func oneInfiniteCaseLeavesNoMean() throws {
    var infinite = WireMetricScore()
    infinite.metric = "hd95_mm"
    (infinite.cases, infinite.undefined, infinite.infinite) = (2, 1, 1)
    infinite.median = 7
    let scores = try site("A", cases: 3, [infinite])
    let found = try #require(scores.regions[0].metrics?.first)
    #expect(found.mean == nil && found.median == 7 && found.infinite == 1)
    let summary = ScoreSummary([scores, try site("B", cases: 1, [metric("hd95_mm", [4])])])
    let pooled = try #require(summary.regions[0].metrics.first)
    #expect(pooled.mean == nil && pooled.deviation == nil && pooled.cases == 3 && pooled.infinite == 1)
    // It is written down, and read again.
    let data = try JSONEncoder().encode(scores)
    #expect(try JSONDecoder().decode(SiteScores.self, from: data) == scores)
  }

  @Test func answersThatDoNotHoldTogetherAreRefused() throws {
    var counts = metric("dice", [0.5, 0.25])
    counts.undefined = 2
    var notFinite = metric("dice", [0.5])
    notFinite.mean = .nan
    for wrong in [[counts], [notFinite], [metric("dice", [0.5]), metric("dice", [0.5])]] {
      #expect(throws: ProtocolError.self) { try site("A", cases: 3, wrong) }
    }
  }

  @Test func entriesWithoutMetricsAreStillRead() throws {
    let text =
      #"{"site":"A","cases":2,"regions":[{"region":"WT","cases":2,"undefined":0,"mean":0.5,"minimum":0.25}]}"#
    let scores = try JSONDecoder().decode(SiteScores.self, from: Data(text.utf8))
    #expect(scores.regions[0].metrics == nil && scores.labels == nil)
  }
}
