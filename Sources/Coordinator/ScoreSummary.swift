/// Scores of all sites in few numbers. Sums go in site-name order in Double.
package struct ScoreSummary: Sendable, Equatable {
  /// One region over all sites; nil means that no case has a score.
  package struct Region: Sendable, Equatable {
    package let region: String
    /// Each case counts the same.
    package let meanOverCases: Double?
    /// Each site counts the same.
    package let meanOverSites: Double?
    /// Every metric over all sites' cases; empty where Dice alone was asked for.
    package let metrics: [MetricScore]
  }

  /// Cases of all sites.
  package let cases: Int
  /// In the order in which the first site names them.
  package let regions: [Region]
  /// Labels that are no region of their own.
  package let labels: [Region]
  /// Mean over sites of each site's mean over its regions: what the best round is chosen by.
  package let meanOfSiteMeans: Double?
  /// The site with the least mean over its regions; the first by name on a tie.
  package let worstSite: String?

  package init(_ scores: [SiteScores]) {
    let scores = scores.sorted { $0.site < $1.site }
    cases = scores.reduce(0) { $0 + $1.cases }
    regions = Self.regions(scores.map(\.regions))
    labels = Self.regions(scores.map { $0.labels ?? [] })
    let means = scores.compactMap { site in site.meanOverRegions.map { (site: site.site, mean: $0) } }
    meanOfSiteMeans = Self.mean(means.map(\.mean))
    // `min` keeps the first of equals.
    worstSite = means.min { $0.mean < $1.mean }?.site
  }

  /// Each region over the sites, which stand in name order.
  private static func regions(_ sites: [[RegionScore]]) -> [Region] {
    var names: [String] = []
    for region in sites.joined() where !names.contains(region.region) { names.append(region.region) }
    return names.map { name in
      let all = sites.compactMap { $0.first { $0.region == name } }
      let found = all.filter { $0.mean != nil }
      let count = found.reduce(0) { $0 + $1.cases }
      let sum = found.reduce(0.0) { $0 + Double($1.cases) * ($1.mean ?? 0) }
      let metrics = (all.first?.metrics ?? []).compactMap { metric in
        MetricScore(
          pooling: all.compactMap { $0.metrics?.first { $0.metric == metric.metric } })
      }
      return Region(
        region: name, meanOverCases: count > 0 ? sum / Double(count) : nil,
        meanOverSites: mean(found.compactMap(\.mean)), metrics: metrics)
    }
  }

  static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
