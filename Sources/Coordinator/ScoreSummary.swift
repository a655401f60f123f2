/// Scores of all sites in few numbers. Sums go in site-name order in Double.
package struct ScoreSummary: Sendable, Equatable {
  /// One region over all sites; nil means that no case has a score.
  package struct Region: Sendable, Equatable {
    package let region: String
    /// Each case counts the same.
    package let meanOverCases: Double?
    /// Each site counts the same.
    package let meanOverSites: Double?
  }

  /// Cases of all sites.
  package let cases: Int
  /// In the order in which the first site names them.
  package let regions: [Region]
  /// Mean over sites of each site's mean over its regions: what the best round is chosen by.
  package let meanOfSiteMeans: Double?
  /// The site with the least mean over its regions; the first by name on a tie.
  package let worstSite: String?

  package init(_ scores: [SiteScores]) {
    let scores = scores.sorted { $0.site < $1.site }
    var names: [String] = []
    for region in scores.flatMap(\.regions) where !names.contains(region.region) {
      names.append(region.region)
    }
    cases = scores.reduce(0) { $0 + $1.cases }
    regions = names.map { name in
      let found = scores.compactMap { $0.regions.first { $0.region == name && $0.mean != nil } }
      let count = found.reduce(0) { $0 + $1.cases }
      let sum = found.reduce(0.0) { $0 + Double($1.cases) * ($1.mean ?? 0) }
      return Region(
        region: name, meanOverCases: count > 0 ? sum / Double(count) : nil,
        meanOverSites: Self.mean(found.compactMap(\.mean)))
    }
    let means = scores.compactMap { site in site.meanOverRegions.map { (site: site.site, mean: $0) } }
    meanOfSiteMeans = Self.mean(means.map(\.mean))
    // `min` keeps the first of equals.
    worstSite = means.min { $0.mean < $1.mean }?.site
  }

  static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
