import Coordinator
import Experiment
import Pages
import Plots

/// How the model came to be, round by round: Dice and loss, who was left out, whose updates were suspicious.
struct LearningSection {
  private let run: RecordedRun
  private let sites: [String]

  /// nil before the first round is over.
  init?(_ run: RecordedRun) {
    guard !run.rounds.isEmpty else { return nil }
    self.run = run
    sites = Set(run.rounds.flatMap { $0.sites.map(\.site) + $0.leftOut.map(\.site) }).sorted()
  }

  var section: Page.Section {
    var blocks: [Page.Block] = [.figures([diceFigure, lossFigure].compactMap { $0 })]
    if let figure = attendanceFigure { blocks.append(.figures([figure])) }
    if let table = suspicionTable { blocks.append(.table(table)) }
    return Page.Section(id: "learning", title: "Learning", blocks: blocks)
  }

  // MARK: - Curves

  /// Validation Dice of each site, mean over its regions, and their mean.
  private var diceFigure: Figure? {
    let curves = sites.map { site in
      run.rounds.compactMap { round -> Chart.Point? in
        let scores =
          round.sites.first { $0.site == site }?.validation ?? round.scoresElsewhere.first { $0.site == site }
        return scores?.meanOverRegions.map { .init(Double(round.round), $0) }
      }
    }
    let mean = run.rounds.compactMap { round in
      round.validation.meanOfSiteMeans.map { Chart.Point(Double(round.round), $0) }
    }
    if mean.isEmpty { return nil }
    return figure(
      id: "learning-dice", title: "Validation Dice by round", what: "Dice", curves, mean: mean, digits: 4,
      axis: .numbers("Dice", range: 0...1),
      caption: "Mean over the regions of each site's validation cases, scored by the round's model.")
  }

  private var lossFigure: Figure? {
    let curves = sites.map { site in
      run.rounds.compactMap { round in
        round.sites.first { $0.site == site }.map { Chart.Point(Double(round.round), $0.meanLoss) }
      }
    }
    let mean = run.rounds.compactMap { round -> Chart.Point? in
      let losses = round.sites.map(\.meanLoss)
      return losses.isEmpty ? nil : .init(Double(round.round), losses.reduce(0, +) / Double(losses.count))
    }
    if mean.isEmpty { return nil }
    return figure(
      id: "learning-loss", title: "Training loss by round", what: "loss", curves, mean: mean, digits: 4,
      axis: .numbers("loss", fromZero: true), caption: "Mean over the steps of a site's round.")
  }

  /// A line a site while they can be told apart, else all of them faint; the mean over sites above.
  private func figure(
    id: String, title: String, what: String, _ curves: [[Chart.Point]], mean: [Chart.Point], digits: Int,
    axis: Axis, caption: String
  ) -> Figure {
    let isFaint = sites.count >= Palette.count
    var series = sites.map { Chart.Series($0, isFaint: isFaint) }
    var marks: [Chart.Mark] = []
    let hasPoints = curves.reduce(0) { $0 + $1.count } <= 400
    for (index, points) in curves.enumerated() {
      marks.append(.line(points, series: index))
      if points.count == 1 || hasPoints {
        marks += points.map { point in
          .point(
            point, series: index,
            hint: "\(sites[index]), round \(Int(point.x)): \(Number.fixed(point.y, digits))", isSmall: true)
        }
      }
    }
    if sites.count > 1 {
      series.append(.init("mean over sites", look: Palette.count - 1))
      marks.append(.line(mean, series: series.count - 1))
    }
    let rounds = run.rounds.map(\.round)
    var table = DataTable(columns: [.init("site")] + rounds.map { .init("round \($0)") })
    for (index, site) in sites.enumerated() {
      let values = Dictionary(
        curves[index].map { (Int($0.x), $0.y) }, uniquingKeysWith: { first, _ in first })
      table.add([.text(site)] + rounds.map { .optional(values[$0], digits: digits) })
    }
    let means = Dictionary(mean.map { (Int($0.x), $0.y) }, uniquingKeysWith: { first, _ in first })
    table.add([.text("mean over sites")] + rounds.map { .optional(means[$0], digits: digits) })
    let faint = isFaint ? " Thin: sites; thick: their mean." : ""
    return Figure(
      id: id, title: title, caption: caption + faint,
      chart: Chart(
        x: .numbers("round", isWhole: true), y: axis, series: series, marks: marks), table: table)
  }

  // MARK: - Who was there

  /// Sites by rounds; nil where every site is in every round and no update was suspicious.
  private var attendanceFigure: Figure? {
    let isWhole = run.rounds.allSatisfy { round in
      round.leftOut.isEmpty && round.sites.count == sites.count
        && round.verdicts.allSatisfy { $0.suspicion == nil }
    }
    if isWhole { return nil }
    var marks: [Chart.Mark] = []
    var table = DataTable(columns: [
      .init("site"), .init("rounds in"), .init("left out"), .init("excluded"), .init("suspicious"),
      .init("first reason"),
    ])
    for (row, site) in sites.enumerated() {
      var (present, left, excluded, suspected) = (0, 0, 0, 0)
      var reason: String?
      for (column, round) in run.rounds.enumerated() {
        let absence = round.leftOut.first { $0.site == site }
        let suspicion = round.verdicts.first { $0.site == site }?.suspicion
        let trained = round.sites.contains { $0.site == site }
        if let absence {
          if absence.isExclusion == true { excluded += 1 } else { left += 1 }
        } else if trained {
          present += 1
        }
        if suspicion != nil { suspected += 1 }
        reason = reason ?? absence?.reason ?? suspicion
        let words = absence.map { $0.isExclusion == true ? "–" : "×" } ?? (suspicion == nil ? "" : "?")
        let state =
          absence.map { ($0.isExclusion == true ? "excluded: " : "left out: ") + $0.reason } ?? suspicion.map
        {
          "suspicious: \($0)"
        } ?? (trained ? "in the round" : "not asked")
        marks.append(
          .cell(
            column: column, row: row, share: trained && absence == nil ? 0.35 : nil, text: words,
            hint: "\(site), round \(round.round): \(state)", isMarked: suspicion != nil))
      }
      table.add([
        .text(site), .count(present), .count(left), .count(excluded), .count(suspected), .text(reason ?? ""),
      ])
    }
    return Figure(
      id: "attendance", title: "Who is in each round",
      caption:
        "Filled: its update is in the round; ×: left out; –: excluded for good; framed, ?: suspicious; empty: not asked.",
      chart: Chart(
        x: .names("round", run.rounds.map { "\($0.round)" }), y: .names("site", sites), marks: marks,
        size: .wide),
      table: table)
  }

  private var suspicionTable: Figure? {
    var table = DataTable(columns: [.init("site"), .init("round"), .init("why"), .init("share in the step")])
    for round in run.rounds {
      for verdict in round.verdicts {
        guard let suspicion = verdict.suspicion else { continue }
        table.add([
          .text(verdict.site), .count(round.round), .text(suspicion), .optional(verdict.share, digits: 4),
        ])
      }
    }
    if table.rows.isEmpty { return nil }
    return Figure(
      id: "suspicious", title: "Suspicious updates",
      caption: "Suspicion alone turns no update down; an honest site stands out now and then.", table: table)
  }
}
