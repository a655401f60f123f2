import Foundations
import Pages
import Plots

/// What each site has added, as `segfed contribution` wrote it.
struct ContributionSection {
  private struct Row {
    let site: String
    let value: Double
    let interval: ClosedRange<Double>?
    let leftOut: Double?
  }

  private let rows: [Row]

  /// nil where it was not asked for.
  init?(_ run: RecordedRun) {
    guard let table = run.contribution, let site = table.column("site"),
      let value = table.column("contribution")
    else {
      return nil
    }
    func number(_ row: [String], _ name: String) -> Double? { table.column(name).flatMap { Double(row[$0]) } }
    rows = table.rows.compactMap { row in
      guard let found = Double(row[value]) else { return nil }
      let (lower, upper) = (number(row, "lower"), number(row, "upper"))
      let interval = lower.flatMap { lower in upper.flatMap { lower <= $0 ? lower...$0 : nil } }
      return Row(site: row[site], value: found, interval: interval, leftOut: number(row, "left_out"))
    }
    if rows.isEmpty { return nil }
  }

  var section: Page.Section {
    var marks: [Chart.Mark] = [.ruleX(0, label: "")]
    var table = DataTable(columns: [
      .init("site"), .init("contribution", unit: "Dice"), .init("95 % from"), .init("95 % to"),
      .init("share", unit: "%"),
      .init("leaving it out loses", unit: "Dice"),
    ])
    let gain = rows.reduce(0) { $0 + $1.value }
    for (index, row) in rows.enumerated() {
      let y = Double(index)
      if let interval = row.interval {
        marks.append(
          .interval(
            from: .init(interval.lowerBound, y), to: .init(interval.upperBound, y), series: 0,
            hint: "\(row.site): 95 % interval \(Number.interval(interval.lowerBound, interval.upperBound))"))
      }
      marks.append(.point(.init(row.value, y), series: 0, hint: "\(row.site): \(Number.dice(row.value))"))
      table.add([
        .text(row.site), .number(row.value, digits: 4), .optional(row.interval?.lowerBound, digits: 4),
        .optional(row.interval?.upperBound, digits: 4),
        .optional(gain == 0 ? nil : 100 * row.value / gain, digits: 1),
        .optional(row.leftOut, digits: 4),
      ])
    }
    let figure = Figure(
      id: "contribution-by-site", title: "Contribution by site",
      caption:
        "Shapley value of each round's gain in Dice on all sites' validation cases, summed over rounds; bar: bootstrap over the sites "
        + "that judge. All together are the model's gain, \(Number.dice(gain)).",
      chart: Chart(
        x: .numbers("contribution", unit: "Dice", fromZero: true), y: .names("site", rows.map(\.site)),
        series: [.init("contribution")], marks: marks), table: table)
    return Page.Section(id: "contribution", title: "Contribution", blocks: [.figures([figure])])
  }
}
