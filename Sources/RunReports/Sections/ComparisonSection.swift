import Experiment
import Foundation
import Foundations
import Pages
import Plots
import Statistics

/// Several runs beside each other: paired by site and by case, with tests, and what their configurations differ in.
struct ComparisonSection {
  /// With test scores, in the order given.
  private let runs: [(name: String, path: String, scores: RecordedScores)]
  private let records: [Record]

  /// nil with fewer than two runs that were tested.
  init?(_ records: [Record]) {
    self.records = records
    let names = Self.names(records)
    runs = zip(names, records).compactMap { name, record in record.scores.map { (name, record.path, $0) } }
    if runs.count < 2 { return nil }
  }

  /// The folders' names, with as much of the path as tells them apart.
  static func names(_ records: [Record]) -> [String] {
    let names = records.map(\.name)
    return Set(names).count == names.count ? names : records.map(\.path)
  }

  var answer: String {
    let parts = runs.map { run in "\(run.name) \(Number.dice(run.scores.mean))" }
    return "Dice, mean over sites and regions: \(parts.joined(separator: ", "))."
  }

  /// Throws `FileError`, `CSVError`.
  func section() throws -> Page.Section {
    var blocks: [Page.Block] = [.figures([pairedFigure] + [frontierFigure].compactMap { $0 })]
    blocks += try tests()
    if let table = differenceTable { blocks.append(.table(table)) }
    return Page.Section(id: "comparison", title: "Comparison", blocks: blocks)
  }

  // MARK: - Dice

  private var sites: [String] { Set(runs.flatMap { $0.scores.siteMeans.map(\.site) }).sorted() }

  /// A line a site from run to run.
  private var pairedFigure: Figure {
    let isFaint = sites.count >= Palette.count
    var series = sites.map { Chart.Series($0, isFaint: isFaint) }
    var marks: [Chart.Mark] = []
    var table = DataTable(columns: [.init("site")] + runs.map { .init($0.name) })
    for (index, site) in sites.enumerated() {
      let values = runs.map { run in run.scores.siteMeans.first { $0.site == site }?.dice }
      let points = values.enumerated().compactMap { run, dice in dice.map { Chart.Point(Double(run), $0) } }
      marks.append(.line(points, series: index))
      marks += points.map { point in
        .point(
          point, series: index, hint: "\(site), \(runs[Int(point.x)].name): \(Number.dice(point.y))",
          isSmall: isFaint)
      }
      table.add([.text(site)] + values.map { .optional($0, digits: 4) })
    }
    let means = runs.map(\.scores.mean)
    series.append(.init("mean over sites", look: Palette.count - 1))
    marks.append(.line(means.enumerated().map { .init(Double($0.offset), $0.element) }, series: sites.count))
    table.add([.text("mean over sites")] + means.map { .number($0, digits: 4) })
    return Figure(
      id: "comparison-dice", title: "Dice of each site, run by run",
      caption: "Mean over regions and test cases; a line is a site.",
      chart: Chart(
        x: .names("run", runs.map(\.name)), y: .numbers("Dice", range: 0...1), series: series, marks: marks),
      table: table)
  }

  /// Dice against megabytes; nil where fewer than two runs sent anything.
  private var frontierFigure: Figure? {
    let points = runs.compactMap { run in
      run.scores.metrics.bandwidth.map {
        (name: run.name, megabytes: Double($0.all.total) / 1e6, dice: run.scores.mean)
      }
    }.filter { $0.megabytes > 0 }
    if points.count < 2 { return nil }
    var marks: [Chart.Mark] = []
    var table = DataTable(columns: [
      .init("run"), .init("messages", unit: "MB"), .init("Dice"), .init("beaten by none"),
    ])
    for point in points {
      let isBeaten = points.contains {
        ($0.megabytes < point.megabytes && $0.dice >= point.dice)
          || ($0.megabytes <= point.megabytes && $0.dice > point.dice)
      }
      let place = Chart.Point(point.megabytes, point.dice)
      let hint = "\(point.name): \(Number.fixed(point.megabytes, 2)) MB, Dice \(Number.dice(point.dice))"
      marks += [.point(place, series: 0, hint: hint, isOpen: isBeaten), .text(place, point.name)]
      table.add([
        .text(point.name), .number(point.megabytes, digits: 2), .number(point.dice, digits: 4),
        .text(isBeaten ? "no" : "yes"),
      ])
    }
    return Figure(
      id: "frontier", title: "Dice against megabytes",
      caption:
        "All messages of a run, both ways; filled: no other run is better in one and no worse in the other.",
      chart: Chart(
        x: .logarithmic("messages", unit: "MB"), y: .numbers("Dice"), series: [.init("run")], marks: marks),
      table: table)
  }

  // MARK: - Tests

  /// Paired tests case by case, where the runs were tested on the same cases.
  private func tests() throws -> [Page.Block] {
    var cases: [CaseDice] = []
    for run in runs {
      do {
        cases.append(try CaseDice(run: run.path))
      } catch ComparisonError.noCases {
        return [.paragraph("Runs cannot be paired case by case: the sites' half of \(run.name) is not here.")]
      }
    }
    if let other = cases.dropFirst().compactMap({ $0.difference(from: cases[0]) }).first {
      return [.paragraph("Runs cannot be paired case by case. \(other.description)")]
    }
    var table = DataTable(columns: [
      .init("region"), .init("run"), .init("cases"), .init("mean Dice"), .init("95 % from"), .init("95 % to"),
      .init("difference"), .init("from"), .init("to"), .init("p"), .init("p, Holm"),
    ])
    let names = Dictionary(runs.map { ($0.path, $0.name) }, uniquingKeysWith: { first, _ in first })
    for row in ComparisonTable(cases, bootstrap: ClusterBootstrap()).rows {
      let difference = row.difference
      table.add([
        .text(row.region), .text(names[row.run] ?? row.run), .count(row.sample.count),
        .number(row.sample.mean, digits: 4),
        .optional(row.interval?.lower, digits: 4), .optional(row.interval?.upper, digits: 4),
        .optional(difference?.mean, digits: 4), .optional(difference?.interval?.lower, digits: 4),
        .optional(difference?.interval?.upper, digits: 4), .optional(difference?.test.pValue, digits: 4),
        .optional(difference?.adjusted, digits: 4),
      ])
    }
    return [
      .table(
        Figure(
          id: "comparison-tests", title: "Paired differences from \(runs[0].name)",
          caption:
            "Case by case: mean difference with its 95 % interval (whole sites drawn, BCa), Wilcoxon's signed ranks, two-sided, "
            + "p also by Holm over all tests here. They compare these models: whether their methods differ, several seeds tell.",
          table: table))
    ]
  }

  /// Fields of the configurations that are not the same in all; nil where all are.
  private var differenceTable: Figure? {
    let all = records.compactMap { $0.configuration.flatMap(Self.json) }
    guard all.count == records.count else { return nil }
    let found = all.map { JSONDifference.all($0, all[0], first: "mode") }
    var fields: [String] = []
    for difference in found.joined() where !fields.contains(difference.field) {
      fields.append(difference.field)
    }
    if fields.isEmpty { return nil }
    var table = DataTable(columns: [.init("field")] + Self.names(records).map { .init($0) })
    for field in fields {
      let first = found.joined().first { $0.field == field }?.expected ?? ""
      table.add([.text(field)] + found.map { run in .text(run.first { $0.field == field }?.found ?? first) })
    }
    return Figure(
      id: "differences", title: "What their configurations differ in",
      caption: "Fields of config.yaml; the others are the same.", table: table)
  }

  private static func json(_ configuration: RunConfiguration) -> Any? {
    (try? JSONEncoder().encode(configuration)).flatMap { try? JSONSerialization.jsonObject(with: $0) }
  }
}
