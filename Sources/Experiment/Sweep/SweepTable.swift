import Foundations
import Reporting

/// A sweep's results as tables: a row for each combination of the grid, mean ± standard deviation over its seeds.
struct SweepTable {
  private let results: [SweepResult]
  /// In the grid's order.
  private let groups: [[SweepResult]]
  private let axes: [SweepAxis]

  init(_ results: [SweepResult], cells: [SweepCell]) {
    self.results = results
    var order: [[String]] = []
    for cell in cells where !order.contains(cell.group) { order.append(cell.group) }
    groups = order.compactMap { group in
      let found = results.filter { $0.cell.group == group }
      return found.isEmpty ? nil : found
    }
    axes = SweepAxis.allCases.filter { axis in cells.contains { $0.values[axis.rawValue] != nil } }
  }

  func text() -> String {
    let hasHostile = results.contains { !$0.hostile.isEmpty }
    var table = TextTable(
      columns: axes.map { .text($0.rawValue) } + [
        .number("seeds"), .number("Dice"), .number("worst site"), .text("which"), .number("steps"),
        .number("s"), .number("MB"), .number("left out"), .text("suspected"),
      ] + (hasHostile ? [.text("hostile")] : []))
    for group in groups {
      let worst = group.compactMap(\.worst)
      table.add(
        axes.map { group[0].cell.values[$0.rawValue] ?? "" } + [
          "\(group.count)", Self.spread(group.compactMap(\.mean)), Self.spread(worst.map(\.mean)),
          Self.names(worst.map(\.site)), "\(group[0].steps)",
          NumberText.fixed(Self.mean(group.map(\.seconds)), decimals: 1),
          NumberText.fixed(Self.mean(group.map { Double($0.bytesDown + $0.bytesUp) }) / 1e6, decimals: 1),
          "\(group.reduce(0) { $0 + $1.leftOut })", Self.names(group.flatMap(\.named)),
        ] + (hasHostile ? [Self.names(group.flatMap(\.hostile))] : []))
    }
    return table.rendered()
      + "Dice: mean over regions and honest sites, ± standard deviation over seeds; 1 MB = 1,000,000 bytes; suspected: in half of "
      + "the rounds or more.\n"
  }

  /// One line a run and site.
  func csv() -> String {
    let regions = results.first?.sites.first?.dice.keys.sorted() ?? []
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

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
  }

  private static func spread(_ values: [Double]) -> String {
    guard !values.isEmpty else { return NumberText.missing }
    let mean = mean(values)
    if values.count == 1 { return NumberText.dice(mean) }
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    return "\(NumberText.dice(mean)) ± \(NumberText.dice(square.squareRoot()))"
  }

  /// Each name once, with how often where that is more than once.
  private static func names(_ names: [String]) -> String {
    let counts = Dictionary(grouping: names, by: { $0 }).mapValues(\.count)
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { $0.value > 1 ? "\($0.key) ×\($0.value)" : $0.key }.joined(separator: ", ")
  }
}
