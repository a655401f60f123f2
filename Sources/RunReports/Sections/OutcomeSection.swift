import Experiment
import Foundations
import Metrics
import Pages
import Plots
import Statistics

/// How well the model does, region by region and site by site, and how unequal sites fare.
struct OutcomeSection {
  private let scores: RecordedScores
  /// What stands before the charts of single regions.
  private let first: [Page.Block]

  /// nil while there are no test scores.
  init?(_ scores: RecordedScores?, first: [Page.Block] = []) {
    guard let scores else { return nil }
    self.scores = scores
    self.first = first
  }

  private var metrics: RecordedMetrics { scores.metrics }
  private var regions: [String] { scores.regions }

  var section: Page.Section {
    var blocks: [Page.Block] = [
      .paragraph(
        "Tested: \(metrics.model), on \(metrics.overall.cases) test cases of \(metrics.sites.count) sites. Dice by "
          + "\(metrics.diceConvention).")
    ]
    blocks += first + [.figures(regions.map(diceFigure)), .table(scoreTable)]
    if let table = disparityTable { blocks.append(.table(table)) }
    if let table = metricTable { blocks.append(.table(table)) }
    if !metrics.untested.isEmpty {
      blocks.append(
        .list(
          metrics.untested.sorted { $0.key < $1.key }.map { "\($0.key) was not tested: \($0.value.reason)" }))
    }
    return Page.Section(id: "outcome", title: "Outcome", blocks: blocks)
  }

  // MARK: - Dice

  /// A row a site: its mean, the interval over its cases, and a point for each case where the sites' half is at hand.
  private func diceFigure(_ region: String) -> Figure {
    let names = metrics.siteNames
    var marks: [Chart.Mark] = []
    var table = DataTable(columns: [
      .init("site"), .init("cases"), .init("mean Dice"), .init("95 % from"), .init("95 % to"), .init("SD"),
    ])
    let worst = metrics.overall.statistics?[region]?.worstSite
    for (row, site) in names.enumerated() {
      let cases = scores.caseDice[site]?[region] ?? []
      for dice in cases {
        marks.append(
          .point(
            .init(dice, Double(row)), series: 1, hint: "\(site): a case, \(Number.dice(dice))", isSmall: true)
        )
      }
      let interval = CaseInterval.of(cases)
      let mean = metrics.sites[site]?.dice[region] ?? nil
      let deviation = metrics.sites[site]?.metrics?[region]?[Metric.dice.rawValue]?.deviation
      if let interval {
        marks.append(
          .interval(
            from: .init(interval.lower, Double(row)), to: .init(interval.upper, Double(row)), series: 0,
            hint: "\(site): 95 % interval \(Number.interval(interval.lower, interval.upper))"))
      }
      if let mean {
        marks.append(.point(.init(mean, Double(row)), series: 0, hint: "\(site): mean \(Number.dice(mean))"))
        if site == worst { marks.append(.text(.init(mean, Double(row)), "◂ worst")) }
      }
      table.add(
        [
          .text(site), .count(metrics.sites[site]?.cases ?? 0), .optional(mean, digits: 4),
          .optional(interval?.lower, digits: 4), .optional(interval?.upper, digits: 4),
          .optional(deviation, digits: 4),
        ], mark: site == worst ? "worst" : nil)
    }
    if let all = metrics.overall.dice[region] ?? nil {
      marks.append(.ruleX(all, label: "all cases"))
      table.add([
        .text("all cases"), .count(metrics.overall.cases), .number(all, digits: 4), .empty, .empty, .empty,
      ])
    }
    let points =
      scores.caseDice.isEmpty
      ? "" : " Small points: cases; bar: 95 % interval over the site's cases (bootstrap, three or more)."
    return Figure(
      id: "dice-" + Slug.of(region, among: regions), title: "Dice of \(region) by site",
      caption: "Mean over each site's test cases; dashed: mean over all cases.\(points)",
      chart: Chart(
        x: .numbers("Dice", range: 0...1), y: .names("site", names), series: [.init("mean"), .init("cases")],
        marks: marks), table: table)
  }

  /// Dice, HD95 and lesion-wise Dice of each region at each site.
  private var scoreTable: Figure {
    let kinds: [(metric: Metric, title: String, unit: String?, digits: Int)] = [
      (.hausdorff95, "HD95", "mm", 2), (.lesionDice, "lesion-wise Dice", nil, 4),
      (.lesionHausdorff95, "lesion-wise HD95", "mm", 2),
    ]
    let shown = kinds.filter { kind in
      metrics.overall.metrics?.values.contains { $0[kind.metric.rawValue] != nil } ?? false
    }
    var table = DataTable(
      columns: [.init("site"), .init("test cases")] + regions.map { .init("\($0) Dice") }
        + shown.flatMap { kind in regions.map { .init("\($0) \(kind.title)", unit: kind.unit) } })
    func cells(_ statistics: [String: [String: RecordedMetrics.Statistic]]?) -> [DataTable.Cell] {
      shown.flatMap { kind in
        regions.map { region in
          guard let value = statistics?[region]?[kind.metric.rawValue] else { return .empty }
          return value.infinite > 0
            ? .number(.infinity, digits: 0) : .optional(value.mean, digits: kind.digits)
        }
      }
    }
    for name in metrics.siteNames {
      guard let site = metrics.sites[name] else { continue }
      table.add(
        [.text(name), .count(site.cases)] + regions.map { .optional(site.dice[$0] ?? nil, digits: 4) }
          + cells(site.metrics), mark: name == metrics.worstSite ? "worst" : nil)
    }
    table.add(
      [.text("mean over cases"), .count(metrics.overall.cases)]
        + regions.map { .optional(metrics.overall.dice[$0] ?? nil, digits: 4) }
        + cells(metrics.overall.metrics))
    table.add(
      [.text("mean over sites"), .empty]
        + regions.map { .optional(metrics.overall.overSites[$0] ?? nil, digits: 4) }
        + shown.flatMap { _ in regions.map { _ in .empty } })
    return Figure(
      id: "scores", title: "Scores by site",
      caption: "Means over test cases. Worst: least mean over the regions."
        + (metrics.rules.map { " Metrics by \($0)." } ?? ""),
      table: table)
  }

  private var disparityTable: Figure? {
    guard let statistics = metrics.overall.statistics, !statistics.isEmpty else { return nil }
    var table = DataTable(columns: [
      .init("region"), .init("Dice over cases"), .init("95 % from"), .init("95 % to"), .init("worst site"),
      .init("its Dice"), .init("worst decile"), .init("range"), .init("SD"), .init("Gini"),
    ])
    for region in regions {
      guard let found = statistics[region] else { continue }
      table.add([
        .text(region), .optional(metrics.overall.dice[region] ?? nil, digits: 4),
        .optional(found.overCases?.first, digits: 4), .optional(found.overCases?.last, digits: 4),
        .text(found.worstSite), .number(found.worst, digits: 4), .number(found.worstDecile, digits: 4),
        .number(found.range, digits: 4), .number(found.deviation, digits: 4),
        .optional(found.gini, digits: 4),
      ])
    }
    return Figure(
      id: "disparity", title: "How sure, and how equal",
      caption:
        "Intervals: bootstrap of whole sites (BCa). Range, SD and Gini (0: all alike) of the sites' means.",
      table: table)
  }

  /// Every metric over all cases.
  private var metricTable: Figure? {
    guard let all = metrics.overall.metrics, !all.isEmpty else { return nil }
    let known = Metric.allCases.filter { metric in all.values.contains { $0[metric.rawValue] != nil } }
    let names = regions.filter { all[$0] != nil } + all.keys.filter { !regions.contains($0) }.sorted()
    var table = DataTable(
      columns: [.init("metric")] + names.flatMap { [.init("\($0) mean"), .init("\($0) SD")] })
    for metric in known {
      let digits = metric.rawValue.hasSuffix("_mm3") ? 0 : metric.rawValue.hasSuffix("_mm") ? 2 : 4
      table.add(
        [.text(metric.title)]
          + names.flatMap { name -> [DataTable.Cell] in
            guard let value = all[name]?[metric.rawValue] else { return [.empty, .empty] }
            let mean = value.infinite > 0 ? .infinity : value.mean
            return [.optional(mean, digits: digits), .optional(value.deviation, digits: digits)]
          })
    }
    return Figure(
      id: "metrics", title: "Every metric over all cases",
      caption: "Regions, then labels that are no region of their own.",
      table: table)
  }
}
