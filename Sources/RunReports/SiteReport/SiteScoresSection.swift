import Experiment
import Foundations
import Metrics
import Pages
import Plots
import Statistics

/// How the model does at a site, region by region and case by case.
struct SiteScoresSection {
  private let record: SiteRecord
  private let ranked: [SiteRecord.Case]

  init(_ record: SiteRecord) {
    self.record = record
    ranked = record.ranked
  }

  /// The answer in one sentence.
  var answer: String {
    let means = ranked.compactMap(\.mean)
    guard let best = ranked.first, let worst = ranked.last, let high = best.mean, let low = worst.mean else {
      return "No case of \(record.name) has a score: what the model predicts is shown, and how sure it is."
    }
    let mean = means.reduce(0, +) / Double(means.count)
    let sure = CaseInterval.of(means).map { " (95 % interval \(Number.interval($0.lower, $0.upper)))" } ?? ""
    let cases =
      means.count == 1
      ? "one test case"
      : "\(means.count) test cases; best \(best.name), \(Number.dice(high)), worst \(worst.name), \(Number.dice(low))"
    return "At \(record.name) the model reaches a Dice of \(Number.dice(mean))\(sure), mean over "
      + "\(record.regions.count) region\(record.regions.count == 1 ? "" : "s") of \(cases)."
  }

  var section: Page.Section {
    var blocks: [Page.Block] = [
      .notice(
        "For the site alone: this report names its cases and shows their scans. What the coordinator receives of a site has neither."
      ),
      .facts(facts),
    ]
    if record.cases.isEmpty {
      blocks.append(.notice("The run has no scores of this site's cases."))
    } else {
      blocks += [.table(regionTable), .figures([caseFigure].compactMap { $0 }), .table(caseTable)]
    }
    return Page.Section(id: "scores", title: "Scores", blocks: blocks)
  }

  private var facts: [Page.Fact] {
    let path = record.model.path
    let place =
      path.hasPrefix(record.folder.path + "/") ? String(path.dropFirst(record.folder.path.count + 1)) : path
    return [
      Page.Fact("Site", record.name),
      Page.Fact("Run", record.runName),
      Page.Fact("Model", place),
      Page.Fact("Plan", record.model.plan.name),
      Page.Fact("Test cases", "\(record.cases.count)"),
      Page.Fact("Regions", record.regions.joined(separator: ", ")),
    ]
  }

  private var regionTable: Figure {
    var table = DataTable(columns: [
      .init("region"), .init("cases"), .init("mean Dice"), .init("median Dice"), .init("95 % from"),
      .init("95 % to"), .init("mean HD95", unit: "mm"), .init("median HD95", unit: "mm"),
    ])
    for (index, region) in record.regions.enumerated() {
      let dice = record.cases.compactMap { $0.dice[index] }
      let distances = record.cases.compactMap { $0.hausdorff[index] }
      let interval = CaseInterval.of(dice)
      table.add([
        .text(region), .count(dice.count), .optional(Self.mean(dice), digits: 4),
        .optional(Self.median(dice), digits: 4), .optional(interval?.lower, digits: 4),
        .optional(interval?.upper, digits: 4), .optional(Self.mean(distances), digits: 2),
        .optional(Self.median(distances), digits: 2),
      ])
    }
    return Figure(
      id: "regions", title: "Scores by region",
      caption:
        "Over the site's test cases. Interval of the mean Dice: bootstrap over cases (BCa), from three of them.",
      table: table)
  }

  /// A row a case, best first; a symbol for each region.
  private var caseFigure: Figure? {
    if ranked.isEmpty { return nil }
    var marks: [Chart.Mark] = []
    var table = DataTable(
      columns: [.init("case"), .init("mean Dice")] + record.regions.map { .init("\($0) Dice") })
    for (row, item) in ranked.enumerated() {
      for (series, dice) in item.dice.enumerated() {
        guard let dice else { continue }
        marks.append(
          .point(
            .init(dice, Double(row)), series: series,
            hint: "\(item.name), \(record.regions[series]): \(Number.dice(dice))"))
      }
      table.add(
        [.text(item.name), .optional(item.mean, digits: 4)]
          + item.dice.map { .optional($0, digits: 4) })
    }
    return Figure(
      id: "dice-by-case", title: "Dice by case", caption: "Best mean over the regions first.",
      chart: Chart(
        x: .numbers("Dice", range: 0...1), y: .names("case", ranked.map(\.name)),
        series: record.regions.map { .init($0) }, marks: marks, size: .wide), table: table)
  }

  private var caseTable: Figure {
    let marks = Dictionary(
      ChosenCase.scored(ranked).filter { _ in ranked.count > 1 }.map {
        ($0.name, String($0.title.lowercased().dropLast(" case".count)))
      },
      uniquingKeysWith: { first, _ in first })
    var table = DataTable(
      columns: [.init("case"), .init("mean Dice")]
        + record.regions.flatMap { [.init("\($0) Dice"), .init("\($0) HD95", unit: "mm")] })
    for item in record.cases {
      let scores = zip(item.dice, item.hausdorff).flatMap { dice, distance -> [DataTable.Cell] in
        [.optional(dice, digits: 4), .optional(distance, digits: 2)]
      }
      table.add(
        [.text(item.name), .optional(item.mean, digits: 4)] + scores, mark: marks[item.name])
    }
    return Figure(
      id: "cases", title: "Every test case",
      caption: "Best mean over the regions first. A dash: no score, or both masks empty.", table: table)
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  private static func median(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.sorted().percentile(50)
  }

}
