import Foundations

/// One metric over cases, as it was computed elsewhere. A number is nil where it is not finite or there is none.
package struct MetricStatistics: Sendable, Equatable {
  /// Cases with a value, infinite ones too.
  package let cases: Int
  /// Cases without one.
  package let undefined: Int
  /// Of `cases`.
  package let infinite: Int
  package let mean: Double?
  /// nil over several sites.
  package let median: Double?
  package let deviation: Double?

  package init(cases: Int, undefined: Int, infinite: Int, mean: Double?, median: Double?, deviation: Double?)
  {
    self.cases = cases
    self.undefined = undefined
    self.infinite = infinite
    self.mean = mean
    self.median = median
    self.deviation = deviation
  }

  var json: JSONValue {
    .object([
      ("cases", .integer(cases)), ("undefined", .integer(undefined)), ("infinite", .integer(infinite)),
      ("mean", .number(mean)), ("median", .number(median)), ("deviation", .number(deviation)),
    ])
  }
}

/// Every metric of every region and label, at each site and over all cases.
package struct MetricReport: Sendable, Equatable {
  package struct Metric: Sendable, Equatable {
    /// Its name in files, such as `hd95_mm`.
    package let key: String
    /// Its name in tables, such as `HD95 mm`.
    package let title: String

    package init(key: String, title: String) {
      self.key = key
      self.title = title
    }

    /// Decimals in tables: 4 of shares, 2 of millimetres, none of cubic ones.
    fileprivate var decimals: Int {
      key.hasSuffix("_mm3")
        ? 0 : key.hasSuffix("_mm") ? 2 : key.hasPrefix("lesion_") && key.count == 9 ? 1 : 4
    }
  }

  /// One statistic for each region (and label) and metric.
  package typealias Table = [[MetricStatistics]]

  /// The convention's name, such as `brats2023`.
  package let convention: String
  /// Whose rules these are, in words.
  package let rules: String
  package let metrics: [Metric]
  /// Regions, then labels that are no region of their own.
  package let regions: [String]
  package let overall: Table
  /// In the order of the score report's sites.
  package let sites: [Table]

  package init(
    convention: String, rules: String, metrics: [Metric], regions: [String], overall: Table, sites: [Table]
  ) {
    precondition(([overall] + sites).allSatisfy { $0.count == regions.count }, "a row for each region")
    precondition(
      ([overall] + sites).joined().allSatisfy { $0.count == metrics.count }, "a value for each metric")
    self.convention = convention
    self.rules = rules
    self.metrics = metrics
    self.regions = regions
    self.overall = overall
    self.sites = sites
  }

  /// Mean ± deviation over all cases: a line a metric, a column a region. Labels that are no region stand in the files alone.
  func text(columns: Int) -> String {
    let shown = Array(regions.prefix(columns))
    var table = TextTable(columns: [.text("all cases")] + shown.map { .number($0) })
    for (index, metric) in metrics.enumerated() {
      table.add([metric.title] + shown.indices.map { cell(overall[$0][index], metric) })
    }
    return table.rendered()
      + "Mean ± standard deviation over test cases (their number where some have no value); convention \(rules).\n"
  }

  private func cell(_ statistics: MetricStatistics, _ metric: Metric) -> String {
    var text = NumberText.fixed(statistics.mean, decimals: metric.decimals)
    if statistics.infinite > 0 { text = "∞" }
    if let deviation = statistics.deviation {
      text += " ± " + NumberText.fixed(deviation, decimals: metric.decimals)
    }
    return statistics.undefined > 0 ? text + " (\(statistics.cases))" : text
  }

  /// An object of regions, each an object of metrics.
  func json(_ table: Table) -> JSONValue {
    .object(
      zip(regions, table).map { region, row in
        (region, .object(zip(metrics, row).map { ($0.key, $1.json) }))
      })
  }

  /// Columns of `metrics.csv`, and a table's fields in their order.
  var columns: [String] {
    regions.flatMap { region in
      metrics.flatMap { metric in
        ["mean", "median", "deviation"].map { "\(metric.key)_\(region)_\($0)" }
      }
    }
  }

  func fields(_ table: Table) -> [String] {
    table.joined().flatMap { statistics in
      let mean = statistics.infinite > 0 ? "inf" : CSVDocument.field(statistics.mean)
      return [mean, CSVDocument.field(statistics.median), CSVDocument.field(statistics.deviation)]
    }
  }
}
