import Coordinator
import Foundations
import Imaging
import Reporting
import Training

/// `segfed loso`: for each site in turn, a federation without it, tested on all of its cases.
package enum LeaveOneSiteOut {
  /// Runs every fold into `output/folds/<site>` and writes `loso.json` and `loso.csv` last.
  ///
  /// Throws what a run throws; nil if the user asked to stop.
  @discardableResult
  package static func execute(_ request: RunRequest, console: Console) async throws -> ScoreReport? {
    let folder = try DatasetFolder.discover(request.data, requireLabels: true)
    let names = folder.sites.map(\.name)
    guard names.count > 1 else {
      throw ExperimentError.tooFewSites(
        data: request.data, found: names.count, needed: 2, purpose: "leaving one out")
    }
    // One fold's data shows every fault of plan and scans before the folder is touched.
    var held: [SiteScores] = []
    var steps: [String: Int] = [:]
    var plan: TrainingPlan?
    var model = ""
    for (index, site) in names.enumerated() {
      var fold = request
      fold.holdOut = site
      fold.output = request.output + "/folds/" + site
      let data = try ExperimentData.load(fold, console: console)
      if index == 0 {
        let root = try RunFolder.create(request.output, force: request.force)
        try RunConfiguration(request, plan: data.plan, sites: names).write(to: root.configuration)
      }
      console.tell("fold \(index + 1) of \(names.count): without \(site)")
      let outcome = try await TrainingRun.execute(fold, data: data, console: console.withoutTables)
      if let round = outcome.interruptedAfterRound {
        console.print(
          "Stopped in fold \(site) after round \(round). Folds kept in \(request.output)/folds: "
            + (index == 0 ? "none whole." : names[..<index].joined(separator: ", ") + "."))
        return nil
      }
      held += outcome.tests.filter { $0.site == site }
      steps[site] = outcome.results.flatMap(\.rounds).flatMap(\.sites).reduce(0) { $0 + $1.steps }
      plan = data.plan
      model = outcome.scores(plan: data.plan).model
    }
    guard let plan else { return nil }
    let scores = ScoreReport(held, steps: steps, regions: plan.regions, model: model)
    try show(LeaveOneOutReport(scores: scores), output: request.output, console: console)
    return scores
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
