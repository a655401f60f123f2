import Coordinator
import Testing

private func scores(_ site: String, _ cases: Int, _ regions: [(String, Int, Double?)]) -> SiteScores {
  SiteScores(
    site: site, cases: cases,
    regions: regions.map { RegionScore(region: $0, cases: $1, undefined: cases - $1, mean: $2, minimum: $2) })
}

struct ScoreSummaryTests {
  @Test func meansOverCasesAndOverSites() {
    let summary = ScoreSummary([
      scores("B", 3, [("WT", 3, 0.8), ("ET", 1, 0.4)]),
      scores("A", 1, [("WT", 1, 0.4), ("ET", 0, nil)]),
    ])
    #expect(summary.cases == 4)
    #expect(summary.regions.map(\.region) == ["WT", "ET"])
    #expect(abs((summary.regions[0].meanOverCases ?? 0) - 0.7) < 1e-12)
    #expect(abs((summary.regions[0].meanOverSites ?? 0) - 0.6) < 1e-12)
    #expect(summary.regions[1].meanOverCases == 0.4)
    #expect(abs((summary.meanOfSiteMeans ?? 0) - 0.5) < 1e-12)
    #expect(summary.worstSite == "A")
  }

  @Test func tiesGoToTheFirstName() {
    let summary = ScoreSummary([scores("C", 1, [("WT", 1, 0.5)]), scores("B", 1, [("WT", 1, 0.5)])])
    #expect(summary.worstSite == "B")
  }

  @Test func nothingToScore() {
    let summary = ScoreSummary([scores("A", 0, []), scores("B", 2, [("WT", 0, nil)])])
    #expect(summary.meanOfSiteMeans == nil)
    #expect(summary.worstSite == nil)
    #expect(summary.regions[0].meanOverCases == nil)
    #expect(summary.regions[0].meanOverSites == nil)
  }
}
