import Pages
import Plots
import Statistics

/// Leave one site out as a forest plot: each site's Dice by the model that never saw it, and all of them together.
struct ForestPlot {
  let figure: Figure

  init(_ scores: RecordedScores) {
    let means = scores.siteMeans
    var marks: [Chart.Mark] = []
    var table = DataTable(columns: [
      .init("left-out site"), .init("cases"), .init("Dice, mean over regions"), .init("95 % from"),
      .init("95 % to"),
    ])
    let worst = means.min { $0.dice < $1.dice }?.site
    for (row, site) in means.enumerated() {
      let y = Double(row)
      let interval = CaseInterval.of(scores.caseMeans[site.site] ?? [])
      if let interval {
        marks.append(
          .interval(
            from: .init(interval.lower, y), to: .init(interval.upper, y), series: 0,
            hint: "\(site.site): 95 % interval \(Number.interval(interval.lower, interval.upper))"))
      }
      marks.append(.point(.init(site.dice, y), series: 0, hint: "\(site.site): \(Number.dice(site.dice))"))
      table.add(
        [
          .text(site.site), .count(scores.metrics.sites[site.site]?.cases ?? 0),
          .number(site.dice, digits: 4),
          .optional(interval?.lower, digits: 4), .optional(interval?.upper, digits: 4),
        ], mark: site.site == worst ? "worst" : nil)
    }
    let (mean, all) = (scores.mean, scores.interval)
    let last = Double(means.count)
    if let all {
      marks.append(
        .interval(
          from: .init(all.lower, last), to: .init(all.upper, last), series: 1,
          hint: "mean over sites: 95 % interval \(Number.interval(all.lower, all.upper))"))
    }
    marks += [
      .ruleX(mean, label: ""),
      .point(.init(mean, last), series: 1, hint: "mean over sites: \(Number.dice(mean))"),
    ]
    table.add([
      .text("mean over sites"), .count(scores.metrics.overall.cases), .number(mean, digits: 4),
      .optional(all?.lower, digits: 4), .optional(all?.upper, digits: 4),
    ])
    figure = Figure(
      id: "forest", title: "Each site left out in turn",
      caption:
        "Dice at a site by the model that never saw it, mean over regions and cases; bars: 95 % intervals, over the site's cases "
        + "(bootstrap) and, of the mean, over sites (BCa).",
      chart: Chart(
        x: .numbers("Dice", range: 0...1),
        y: .names("left-out site", means.map(\.site) + ["mean over sites"]),
        series: [.init("site"), .init("mean over sites", look: 3)], marks: marks), table: table)
  }
}
