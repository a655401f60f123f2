import Coordinator
import Foundations
import Imaging
import Reporting
import Training

/// `segfed loso`: for each site in turn, a federation without it, tested on all of its cases.
package enum LeaveOneSiteOut {
  /// Runs every fold into `output/folds/<site>` and writes `loso.json` and `loso.csv` last.
  ///
  /// Throws what a run throws; `StoppedByUser` names the folds that are whole.
  @discardableResult
  package static func execute(_ request: RunRequest, console: Console) async throws -> ScoreReport {
    let dataset = try RunDataset.find(request, console: console)
    let names = dataset.folder.sites.map(\.name)
    guard names.count > 1 else {
      throw ExperimentError.tooFewSites(
        data: request.data, found: names.count, needed: 2, purpose: "leaving one out")
    }
    var held: [SiteScores] = []
    var steps: [String: Int] = [:]
    var previous: ExperimentData?
    var model = ""
    for (index, site) in names.enumerated() {
      var fold = request
      fold.holdOut = site
      fold.output = request.output + "/folds/" + site
      let data: ExperimentData
      let outcome: RunOutcome
      do {
        data = try await ExperimentData.load(fold, dataset: dataset, previous: previous, console: console)
        if index == 0 { try prepare(request, dataset: dataset) }
        console.tell("fold \(index + 1) of \(names.count): without \(site)")
        outcome = try await TrainingRun.execute(fold, data: data, console: console.withoutTables)
      } catch let stop as StoppedByUser {
        let whole =
          index == 0 ? "No fold is whole." : "Whole folds: \(names[..<index].joined(separator: ", "))."
        throw StoppedByUser(kept: "\(whole) \(stop.kept)")
      }
      held += outcome.tests.filter { $0.site == site }
      steps[site] = outcome.results.flatMap(\.rounds).flatMap(\.sites).reduce(0) { $0 + $1.steps }
      previous = data
      model = outcome.scores(plan: data.plan, metrics: request.metrics).model
    }
    guard let data = previous else { preconditionFailure("there are two sites or more") }
    let scores = ScoreReport(
      held, steps: steps, regions: data.plan.regions, metrics: request.metrics, model: model)
    try show(LeaveOneOutReport(scores: scores), output: request.output, console: console)
    return scores
  }

  /// Makes the study's folder once every fault of any fold has shown: the first fold has read all scans. Its configuration
  /// holds the plan before any fold agreed on an atlas.
  private static func prepare(_ request: RunRequest, dataset: RunDataset) throws {
    let (folder, plan) = (dataset.folder, dataset.plan)
    let names = folder.sites.map(\.name)
    for site in names {
      let splits = try ExperimentData.splits(folder, plan: plan, holdOut: site, seed: request.seed)
      let trainers = zip(names, splits).filter { $0.0 != site }.map(\.1)
      try TrainingRun.checkChoice(request, splits: trainers)
    }
    _ = try TrainingRun.initialModel(request, plan: plan)
    let recomputed = try request.networks(plan, tuning: dataset.tuning).checkTraining(plan)
    let root = try RunFolder.create(request.output, force: request.force)
    let configuration = RunConfiguration(
      request, plan: plan, sites: names, tuning: dataset.tuning, recomputed: recomputed)
    try root.write(configuration, tuning: dataset.tuning)
  }

  private static func show(_ report: LeaveOneOutReport, output: String, console: Console) throws {
    let json = report.json().rendered()
    try AtomicFile.write(report.scores.csv(), to: output + "/loso.csv")
    try AtomicFile.write(json, to: output + "/loso.json")
    console.print(console.isJSON ? json : "\n" + report.text())
  }
}

extension Console {
  /// The same, but final tables are not shown: a fold's tables are not the study's.
  fileprivate var withoutTables: Console {
    let print = print
    return Console(isQuiet: isQuiet, isJSON: isJSON) { text in
      if !text.hasPrefix("\n") && !text.hasPrefix("{") { print(text) }
    }
  }
}
