import Experiment
import Pages
import Plots

/// The head of a cross-validation's report, and how its folds learned.
struct FoldsSection {
  private let folds: RecordedFolds

  init(_ folds: RecordedFolds) { self.folds = folds }

  var answer: String {
    guard let scores = folds.scores else {
      let done = folds.folds.count { $0.state == .finished }
      return "\(done) folds are over; the others are not."
    }
    let means = scores.siteMeans
    let worst =
      means.min { $0.dice < $1.dice }.map {
        "; the worst site, \(Name.inSentence($0.site)), \(Number.dice($0.dice))"
      } ?? ""
    let way =
      folds.leavesSitesOut
      ? "At a site that never trained, the model of the others"
      : "Tested on cases that their fold left out, models"
    return
      "\(way) reach\(folds.leavesSitesOut ? "es" : "") a Dice of \(scores.sentence), mean over "
      + "\(means.count) sites and \(scores.regions.count) regions of \(scores.metrics.overall.cases) cases\(worst)."
  }

  var section: Page.Section {
    let configuration = folds.configuration
    var blocks: [Page.Block] = []
    if folds.scores == nil {
      blocks.append(.notice("Not every fold is over. The same command with --resume goes on with them."))
    }
    blocks.append(
      .facts([
        Page.Fact(
          "Scheme", folds.leavesSitesOut ? "leave one site out" : "\(folds.folds.count) folds within sites"),
        Page.Fact("Mode", configuration.mode.rawValue),
        Page.Fact("Strategy", (configuration.strategy ?? .fedAvg).description),
        Page.Fact("Plan", configuration.plan.name), Page.Fact("Rounds of a fold", "\(configuration.rounds)"),
        Page.Fact("Seed", "\(configuration.seed)"),
        Page.Fact("Study digest (SHA-256)", configuration.study ?? "no study"),
      ]))
    return Page.Section(id: "summary", title: "What was done", blocks: blocks)
  }

  /// Validation Dice by round, a line a fold; nil where none is over.
  var learning: Page.Section? {
    let curves = folds.folds.map { fold in
      fold.rounds.compactMap { round in
        round.validation.meanOfSiteMeans.map { Chart.Point(Double(round.round), $0) }
      }
    }
    let rounds = Set(curves.flatMap { $0.map { Int($0.x) } }).sorted()
    if rounds.isEmpty { return nil }
    let isFaint = folds.folds.count > Palette.count
    var marks: [Chart.Mark] = []
    var table = DataTable(columns: [.init("fold")] + rounds.map { .init("round \($0)") })
    for (index, fold) in folds.folds.enumerated() {
      marks.append(.line(curves[index], series: index))
      marks += curves[index].map { point in
        .point(
          point, series: index, hint: "\(fold.name), round \(Int(point.x)): \(Number.dice(point.y))",
          isSmall: true)
      }
      let values = Dictionary(
        curves[index].map { (Int($0.x), $0.y) }, uniquingKeysWith: { first, _ in first })
      table.add([.text(fold.name)] + rounds.map { .optional(values[$0], digits: 4) })
    }
    let figure = Figure(
      id: "learning-dice", title: "Validation Dice by round",
      caption: "Mean over the sites that train and their regions; a line is a fold.",
      chart: Chart(
        x: .numbers("round", isWhole: true), y: .numbers("Dice", range: 0...1),
        series: folds.folds.map { .init($0.name, isFaint: isFaint) }, marks: marks), table: table)
    return Page.Section(id: "learning", title: "Learning", blocks: [.figures([figure])])
  }
}
