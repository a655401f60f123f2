import Coordinator
import Foundation
import Foundations
import Imaging
import Reporting
import Training

/// `segfed loso`: for each site in turn, a federation without it, tested on all of its cases.
package enum LeaveOneSiteOut {
  /// Says so where the study that is to be resumed is whole. Throws `FileError`, `ExperimentError.runIsUsed`.
  package static func tellsFinished(_ request: RunRequest, console: Console) throws -> Bool {
    try request.resume
      && RunFolder(path: request.output).tellsFinished(request.output + "/loso.json", console: console)
  }

  /// Runs every fold into `output/folds/<site>` and writes `loso.json` and `loso.csv` last. When resuming, folds that are whole
  /// are taken as they are.
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
    var request = request
    request.scratch = try request.scratch(sites: names.count)
    defer { request.scratch?.remove() }
    let root = RunFolder(path: request.output)
    var lock = try root.lock()
    let isBegun = try request.resume && root.begun() != nil
    if isBegun { try AtomicFile.removeTemporaries(below: root.path) }
    var folds: [Fold] = []
    var previous: ExperimentData?
    for (index, site) in names.enumerated() {
      var fold = request
      fold.holdOut = site
      fold.output = request.output + "/folds/" + site
      if request.resume, let whole = try Fold(whole: fold.output, heldOut: site) {
        folds.append(whole)
        continue
      }
      do {
        let data = try await ExperimentData.load(fold, dataset: dataset, previous: previous, console: console)
        if index == 0 && !isBegun { try prepare(request, dataset: dataset) }
        lock = try lock ?? root.lock()
        console.tell("fold \(index + 1) of \(names.count): without \(site)")
        let outcome = try await TrainingRun.execute(fold, data: data, console: console.withoutTables)
        folds.append(Fold(outcome, heldOut: site))
        previous = data
      } catch let stop as StoppedByUser {
        let whole =
          index == 0 ? "No fold is whole." : "Whole folds: \(names[..<index].joined(separator: ", "))."
        throw StoppedByUser(kept: "\(whole) \(stop.kept)")
      }
    }
    let scores = ScoreReport(
      folds.flatMap(\.tests),
      steps: Dictionary(uniqueKeysWithValues: zip(names, folds.map(\.steps))),
      regions: dataset.plan.regions, metrics: request.metrics, model: folds.last?.model ?? "")
    withExtendedLifetime(lock) {}
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
      try TrainingRun.checkChoice(request, patience: plan.earlyStopping?.patience, splits: trainers)
      _ = try request.attack(trainers: names.filter { $0 != site })
    }
    if let path = request.initialModel { _ = try ModelFile.startingWeights(path, plan: plan) }
    let recomputed = try request.networks(plan, tuning: dataset.tuning).checkTraining(plan)
    let configuration = RunConfiguration(
      request, plan: plan, sites: names, tuning: dataset.tuning, recomputed: recomputed)
    try TrainingRun.checkStrategy(
      configuration, request, trainers: names.count - 1, hasRoot: request.rootData != nil)
    let root = try RunFolder.create(request.output, force: request.force, resuming: request.resume)
    try root.write(configuration, tuning: dataset.tuning)
  }

  private static func show(_ report: LeaveOneOutReport, output: String, console: Console) throws {
    let json = report.json().rendered()
    try AtomicFile.write(report.scores.csv(), to: output + "/loso.csv")
    try AtomicFile.write(json, to: output + "/loso.json")
    console.print(console.isJSON ? json : "\n" + report.text())
  }
}

/// What the study takes from one fold.
private struct Fold {
  let tests: [SiteScores]
  /// Of all trainers.
  let steps: Int
  let model: String

  init(_ outcome: RunOutcome, heldOut site: String) {
    tests = outcome.tests.filter { $0.site == site }
    steps = Self.steps(outcome.results.flatMap(\.rounds))
    model = outcome.model
  }

  /// A fold that an earlier process brought to its end; nil for any other. Throws `FileError`.
  init?(whole path: String, heldOut site: String) throws {
    let folder = RunFolder(path: path)
    guard FileManager.default.fileExists(atPath: folder.metrics) else { return nil }
    let journal = folder.coordinator + "/rounds.jsonl"
    guard let end = try RunJournal.end(at: journal), end.interruptedAfterRound == nil else { return nil }
    try folder.removeCheckpoints()
    tests = end.test.filter { $0.site == site }
    steps = Self.steps(try RunJournal.rounds(at: journal))
    model = RunOutcome.title(end.model, round: end.modelRound)
  }

  private static func steps(_ rounds: [RoundRecord]) -> Int {
    rounds.flatMap(\.sites).reduce(0) { $0 + $1.steps }
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
