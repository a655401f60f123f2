import Coordinator
import Foundations
import Reporting
import Statistics

extension ScoreStatistics {
  /// What follows from the sites' means and numbers of cases; nil of fewer than two sites.
  init?(_ tests: [SiteScores], regions: [String]) {
    guard tests.count > 1 else { return nil }
    let bootstrap = ClusterBootstrap()
    self.init(
      regions: regions.compactMap { name in
        let scores = tests.compactMap { site in
          site.regions.first { $0.region == name }.flatMap { score in
            score.mean.map { (site: site.site, mean: $0, cases: Double(score.cases)) }
          }
        }
        guard scores.count > 1, let disparity = Disparity(scores.map(\.mean)) else { return nil }
        // A site's mean and number of cases are all that leave it, and all that the mean over cases needs.
        let overCases = bootstrap.interval(scores.map { [$0.mean, $0.cases] }) { drawn in
          drawn.reduce(0) { $0 + $1[0] * $1[1] } / drawn.reduce(0) { $0 + $1[1] }
        }
        let overSites = bootstrap.interval(
          scores.map { [$0.mean] }, statistic: ClusterBootstrap.meanOverSites)
        return Region(
          region: name, overCases: overCases.map { $0.lower...max($0.lower, $0.upper) },
          overSites: overSites.map { $0.lower...max($0.lower, $0.upper) }, range: disparity.range,
          deviation: disparity.deviation, worstSite: scores[disparity.worst].site,
          worst: disparity.worstValue, worstDecile: disparity.worstDecile, gini: disparity.gini)
      })
  }
}
