import Pages
import Plots
import Statistics

/// A grid's settings side by side: Dice of the honest sites, the worst of them, what it took.
struct GridSection {
  private let grid: RecordedGrid

  init(_ grid: RecordedGrid) { self.grid = grid }

  private typealias Setting = RecordedGrid.Setting

  private static func dice(_ setting: Setting) -> Sample? { Sample(setting.runs.map(\.mean)) }

  private static func worst(_ setting: Setting) -> Sample? {
    Sample(setting.runs.compactMap(\.worst?.dice))
  }

  /// The answer in one sentence.
  var answer: String {
    let runs = grid.settings.reduce(0) { $0 + $1.runs.count }
    let found = grid.settings.compactMap { setting in Self.dice(setting).map { (setting.name, $0) } }
    guard grid.settings.count > 1, let best = found.max(by: { $0.1.mean < $1.1.mean }) else {
      return "\(runs) run\(runs == 1 ? "" : "s") of the grid \(runs == 1 ? "is" : "are") over."
    }
    let safest = grid.settings.compactMap { setting in
      Self.worst(setting).map { (setting.name, $0.mean) }
    }.max { $0.1 < $1.1 }
    let least = safest.map { "; the worst site fares best with \($0.0), \(Number.dice($0.1))" } ?? ""
    return
      "Of \(grid.settings.count) settings (\(runs) runs), \(best.0) has the highest Dice, \(Self.spread(best.1)), mean over honest sites and "
      + "regions\(least)."
  }

  private static func spread(_ sample: Sample) -> String {
    Number.dice(sample.mean) + (sample.deviation.map { " ± " + Number.dice($0) } ?? "")
  }

  var section: Page.Section {
    let going = "This grid is still going on: what follows are the runs that are over."
    return Page.Section(
      id: "grid", title: "Grid of runs: \(grid.axes.joined(separator: " × "))",
      blocks: (grid.isGoingOn ? [.notice(going)] : []) + [.figures([figure])])
  }

  private var figure: Figure {
    var marks: [Chart.Mark] = []
    var table = DataTable(columns: [
      .init("setting"), .init("seeds"), .init("Dice"), .init("SD"), .init("worst site, Dice"),
      .init("SD of it"),
      .init("which"), .init("steps"), .init("training", unit: "s"), .init("messages", unit: "MB"),
    ])
    for (row, setting) in grid.settings.enumerated() {
      let (dice, worst) = (Self.dice(setting), Self.worst(setting))
      for run in setting.runs where setting.runs.count > 1 {
        marks.append(
          .point(
            .init(run.mean, Double(row)), series: 2,
            hint: "\(setting.name), seed \(run.seed): \(Number.dice(run.mean))", isSmall: true))
      }
      if let worst {
        marks.append(
          .point(
            .init(worst.mean, Double(row)), series: 1,
            hint: "\(setting.name), worst site: \(Self.spread(worst))"))
      }
      if let dice {
        marks.append(
          .point(.init(dice.mean, Double(row)), series: 0, hint: "\(setting.name): \(Self.spread(dice))"))
      }
      let first = setting.runs[0]
      table.add([
        .text(setting.name), .count(setting.runs.count), .optional(dice?.mean, digits: 4),
        .optional(dice?.deviation, digits: 4), .optional(worst?.mean, digits: 4),
        .optional(worst?.deviation, digits: 4),
        .text(Set(setting.runs.compactMap(\.worst?.site)).sorted().joined(separator: ", ")),
        .number(first.steps, digits: 0),
        .optional(Sample(setting.runs.map(\.seconds))?.mean, digits: 1),
        .optional(Sample(setting.runs.map { $0.bytes / 1e6 })?.mean, digits: 1),
      ])
    }
    let hasSeeds = grid.settings.contains { $0.runs.count > 1 }
    return Figure(
      id: "grid-dice", title: "Dice by setting",
      caption:
        "Mean over regions and honest sites, and the worst of these sites in each run; means over seeds."
        + (hasSeeds ? " Small points: seeds." : ""),
      chart: Chart(
        x: .numbers("Dice", range: 0...1),
        y: .names(grid.axes.joined(separator: " × "), grid.settings.map(\.name)),
        series: [.init("all honest sites"), .init("worst honest site")] + (hasSeeds ? [.init("seeds")] : []),
        marks: marks,
        size: .wide),
      table: table)
  }
}
