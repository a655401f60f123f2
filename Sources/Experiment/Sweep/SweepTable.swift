import Foundations
import Metrics
import Reporting

/// A sweep's results as tables: a row for each combination of the grid, mean ± standard deviation over its seeds.
struct SweepTable {
  private let results: [SweepResult]
  /// In the grid's order.
  let groups: [[SweepResult]]
  let axes: [SweepAxis]
  /// The runs of the grid's first row, by seed: what the others are measured against.
  private let references: [UInt64: SweepResult]

  init(_ results: [SweepResult], cells: [SweepCell]) {
    self.results = results
    var order: [[String]] = []
    for cell in cells where !order.contains(cell.group) { order.append(cell.group) }
    groups = order.compactMap { group in
      let found = results.filter { $0.cell.group == group }
      return found.isEmpty ? nil : found
    }
    axes = SweepAxis.allCases.filter { axis in cells.contains { $0.values[axis.rawValue] != nil } }
    let first = results.filter { $0.cell.group == order.first }
    references = Dictionary(first.map { ($0.cell.seed, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func text() -> String {
    let columns = columns
    var table = TextTable(columns: columns.map(\.column))
    for group in groups { table.add(columns.map { $0.text(group) }) }
    let triggered =
      hasTrigger ? "Triggered: Dice where the scan bears the backdoor's trigger.\n" : ""
    return table.rendered()
      + """
      Dice: mean over regions and honest sites, ± standard deviation over seeds; worst lost: by how much the worst honest site is below
      the worst of them in the first row's run of the same seed; most lost: by any one honest site, which chance makes larger; 1 MB =
      1,000,000 bytes; suspected: in half of the rounds or more.

      """ + triggered + (matrices() ?? "")
      + results.compactMap { result in result.failure.map { "failed: \(result.cell.title): \($0)\n" } }
      .joined()
  }

  private var hasTrigger: Bool { results.contains { $0.triggered != nil } }

  private typealias Columns = [(column: TextTable.Column, text: ([SweepResult]) -> String)]

  private var columns: Columns {
    let grid: Columns = axes.map { axis in (.text(axis.rawValue), { $0[0].cell.values[axis.rawValue] ?? "" })
    }
    let dice: Columns = [
      (.number("seeds"), { "\($0.count)" }),
      (.number("Dice"), { Self.spread($0.compactMap(\.mean)) }),
      (.number("worst site"), { Self.spread($0.compactMap(\.worst?.mean)) }),
      (.text("which"), { Self.names($0.compactMap(\.worst?.site)) }),
      (.number("worst lost"), worstLost),
      (.number("most lost"), mostLost),
    ]
    let triggered: Columns = [(.number("triggered"), { Self.spread($0.compactMap(\.triggeredMean)) })]
    let cost: Columns = [
      (.number("steps"), { "\($0[0].steps)" }),
      (.number("s"), { Self.mean($0.map(\.seconds)) }),
      (.number("MB"), { Self.mean($0.map { (Double($0.bytesDown) + Double($0.bytesUp)) / 1e6 }) }),
      (.number("left out"), { "\($0.reduce(0) { $0 + $1.leftOut })" }),
      (.text("suspected"), { Self.names($0.flatMap(\.named)) }),
    ]
    let hostile: Columns = [(.text("hostile"), { Self.names($0.flatMap(\.hostile)) })]
    let hasHostile = results.contains { !$0.hostile.isEmpty }
    return grid + dice + (hasTrigger ? triggered : []) + cost + (hasHostile ? hostile : [])
  }

  /// The Dice that the honest site which loses most has lost against the first row's run, over the seeds.
  func mostLost(_ group: [SweepResult]) -> String { lost(group) { $0.mostLost(against: $1) } }

  /// The Dice that the worst honest site has lost against the worst one of the first row's run.
  func worstLost(_ group: [SweepResult]) -> String { lost(group) { $0.worstLost(against: $1) } }

  private func lost(
    _ group: [SweepResult], _ body: (_ result: SweepResult, _ reference: SweepResult) -> Double?
  ) -> String {
    Self.spread(group.compactMap { result in references[result.cell.seed].flatMap { body(result, $0) } })
  }

  /// One line a run and site.
  func csv() -> String {
    let regions = Set(results.flatMap(\.sites).flatMap(\.dice.keys)).sorted()
    var document = CSVDocument(
      columns: axes.map(\.rawValue) + ["seed", "site", "hostile", "suspected_rounds", "cases"] + regions + [
        "mean", "rounds", "steps", "seconds", "bytes_down", "bytes_up", "left_out",
      ])
    for result in groups.joined() {
      for site in result.sites {
        let numbers = regions.map { site.dice[$0] } + [site.mean]
        document.add(
          axes.map { result.cell.values[$0.rawValue] ?? "" } + [
            "\(result.cell.seed)", site.site, result.hostile.contains(site.site) ? "1" : "0",
            "\(result.suspected[site.site] ?? 0)", "\(site.cases)",
          ] + numbers.map { $0.map { "\($0)" } ?? "" } + [
            "\(result.rounds)", "\(result.steps)", "\(result.seconds)", "\(result.bytesDown)",
            "\(result.bytesUp)", "\(result.leftOut)",
          ])
      }
    }
    return document.rendered()
  }

  /// The mean; with more than one seed also the standard deviation.
  static func spread(_ values: [Double]) -> String { spread(MetricSummary(values)) }

  static func spread(_ summary: MetricSummary) -> String {
    let deviation = summary.deviation.map { " ± " + NumberText.dice($0) } ?? ""
    return NumberText.dice(summary.mean) + deviation
  }

  private static func mean(_ values: [Double]) -> String {
    NumberText.fixed(MetricSummary(values).mean, decimals: 1)
  }

  /// Each name once, with how often where that is more than once.
  private static func names(_ names: [String]) -> String {
    let counts = Dictionary(grouping: names, by: { $0 }).mapValues(\.count)
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { $0.value > 1 ? "\($0.key) ×\($0.value)" : $0.key }.joined(separator: ", ")
  }
}
