import Coordinator
import Metrics
import Reporting

extension ScoreReport {
  /// The report of test scores that were computed as `metrics` says.
  init(
    _ tests: [SiteScores], steps: [String: Int], regions: [Region], metrics: MetricSettings, model: String
  ) {
    let names = regions.map(\.name)
    let summary = ScoreSummary(tests)
    func overall(_ value: (ScoreSummary.Region) -> Double?) -> [Double?] {
      names.map { name in summary.regions.first { $0.region == name }.flatMap(value) }
    }
    self.init(
      regions: names,
      sites: tests.map { site in
        SiteRow(
          site: site.site, cases: site.cases, steps: steps[site.site],
          dice: names.map { name in site.regions.first { $0.region == name }?.mean })
      }, meanOverCases: overall(\.meanOverCases), meanOverSites: overall(\.meanOverSites),
      worstSite: summary.worstSite, model: model,
      diceConvention: "convention \(metrics.convention.name): \(metrics.convention.emptyRule)",
      metrics: MetricReport(tests, summary, regions: names, settings: metrics),
      statistics: ScoreStatistics(tests, regions: names))
  }
}

extension MetricReport {
  /// nil where the sites told Dice alone.
  fileprivate init?(
    _ tests: [SiteScores], _ summary: ScoreSummary, regions: [String], settings: MetricSettings
  ) {
    let labels = summary.labels.map(\.region)
    let names = regions + labels
    let keys = settings.metrics.map(\.rawValue)
    guard keys.count > 1 else { return nil }
    func table(_ metrics: (String) -> [MetricScore]?) -> Table {
      names.map { name in
        keys.map { key in MetricStatistics(metrics(name)?.first { $0.metric == key }) }
      }
    }
    let overall = summary.regions + summary.labels
    self.init(
      convention: settings.convention.name, rules: settings.summary,
      metrics: settings.metrics.map { Metric(key: $0.rawValue, title: $0.title) }, regions: names,
      overall: table { name in overall.first { $0.region == name }?.metrics },
      sites: tests.map { site in
        let scores = site.regions + (site.labels ?? [])
        return table { name in scores.first { $0.region == name }?.metrics }
      })
  }
}

extension MetricStatistics {
  fileprivate init(_ score: MetricScore?) {
    self.init(
      cases: score?.cases ?? 0, undefined: score?.undefined ?? 0, infinite: score?.infinite ?? 0,
      mean: score?.mean, median: score?.median, deviation: score?.deviation)
  }
}

extension ScoringRequest {
  /// What a coordinator asks of its sites.
  init(_ settings: MetricSettings) {
    self.init(
      convention: settings.convention.name, surfaceTolerance: settings.surfaceTolerance,
      lesionRules: settings.lesions?.rawValue)
  }
}
