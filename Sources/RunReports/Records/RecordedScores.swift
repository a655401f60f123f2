import Experiment
import Foundations
import Statistics

/// Test scores of a run, or of a cross-validation's folds together.
struct RecordedScores {
  let metrics: RecordedMetrics
  /// In the plan's order.
  let regions: [String]
  /// Dice of each test case, by site and region, by size; empty where the sites' half is elsewhere.
  let caseDice: [String: [String: [Double]]]
  /// The same, each case's mean over its regions.
  let caseMeans: [String: [Double]]

  /// nil while nothing was tested. `document` is `metrics.json` or a cross-validation's.
  ///
  /// Throws `FileError`, `CSVError`, `ReportError.newer`.
  init?(_ path: String, document: String, regions known: [String]) throws {
    guard let metrics = try RecordedMetrics.read("\(path)/\(document)") else { return nil }
    self.metrics = metrics
    regions = metrics.regions(inOrderOf: known)
    // Numbers alone: the order of cases, which is their names', goes with their names.
    let found: CaseDice
    do {
      found = try CaseDice(run: path)
    } catch ComparisonError.noCases {
      (caseDice, caseMeans) = ([:], [:])
      return
    }
    var dice: [String: [String: [Double]]] = [:]
    var means: [String: [Double]] = [:]
    for site in found.sites {
      means[site.name] = site.cases.compactMap { $0.dice.compactMap { $0 } }.filter { !$0.isEmpty }.map(
        \.mean
      )
      .sorted()
      for (index, region) in found.regions.enumerated() {
        dice[site.name, default: [:]][region] = site.cases.compactMap { $0.dice[index] }.sorted()
      }
    }
    (caseDice, caseMeans) = (dice, means)
  }

  /// Mean over sites of their means over regions; 0 without a score.
  var mean: Double { siteMeans.isEmpty ? 0 : siteMeans.map(\.dice).mean }

  /// Its 95 % interval: whole sites drawn (BCa); nil of fewer than two.
  var interval: ClusterBootstrap.Interval? {
    ClusterBootstrap().interval(siteMeans.map { [$0.dice] }, statistic: ClusterBootstrap.meanOverSites)
  }

  /// The mean as it stands in a sentence, with its interval where there is one.
  var sentence: String {
    Number.dice(mean) + (interval.map { " (95 % interval \(Number.interval($0.lower, $0.upper)))" } ?? "")
  }

  /// Each site's mean over its regions, by name; sites without a score are left out.
  var siteMeans: [(site: String, dice: Double)] {
    metrics.siteNames.compactMap { name in
      let dice = regions.compactMap { metrics.sites[name]?.dice[$0] ?? nil }
      return dice.isEmpty ? nil : (name, dice.reduce(0, +) / Double(dice.count))
    }
  }
}
