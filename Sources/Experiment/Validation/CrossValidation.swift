import Coordinator
import Foundation
import Foundations
import Imaging
import Reporting
import Training

/// `segfed loso` and `segfed kfold`: a run for each part of the data that is left out, tested there.
package struct CrossValidation: Sendable {
  package enum Scheme: Sendable, Equatable {
    /// For each site in turn a federation without it, tested on all of its cases.
    case leaveOneSiteOut
    /// For each of as many parts of every site's cases a run without it, tested on it.
    case folds(Int)

    var document: String {
      switch self {
      case .leaveOneSiteOut: "loso"
      case .folds: "kfold"
      }
    }
  }

  let scheme: Scheme

  package init(_ scheme: Scheme) { self.scheme = scheme }

  /// One run of the study.
  private struct Part {
    /// Its folder below `folds`.
    let folder: String
    let title: String
    /// nil: every site is tested.
    let heldOut: String?
    let fold: CaseFold?
  }

  private func parts(_ sites: [String]) -> [Part] {
    switch scheme {
    case .leaveOneSiteOut:
      sites.map { Part(folder: $0, title: "without \($0)", heldOut: $0, fold: nil) }
    case .folds(let count):
      (1...count).map {
        Part(
          folder: "fold-\($0)", title: "part \($0) of each site's cases is tested", heldOut: nil,
          fold: CaseFold(number: $0, count: count))
      }
    }
  }

  /// Says so where the study that is to be resumed is whole, its folds among it.
  ///
  /// Throws `FileError`, `ExperimentError.runIsUsed`, `ExperimentError.damagedFold`.
  package func tellsFinished(_ request: RunRequest, console: Console) throws -> Bool {
    let (table, folds) = ("\(request.output)/\(scheme.document).json", request.output + "/folds")
    guard request.resume else { return false }
    if FileManager.default.fileExists(atPath: table) {
      for name in ((try? FileManager.default.contentsOfDirectory(atPath: folds)) ?? []).sorted()
      where Folder.exists(folds + "/" + name) {
        _ = try Fold.journals(of: RunFolder(path: folds + "/" + name))
      }
    }
    return try RunFolder(path: request.output).tellsFinished(table, of: request, console: console)
  }

  /// Runs every fold into `output/folds/<name>` and writes `loso.json` (`kfold.json`) and its table last. When resuming, folds that
  /// are whole are taken as they are.
  ///
  /// Throws what a run throws; `StoppedByUser` names the folds that are whole.
  @discardableResult
  package func execute(_ request: RunRequest, console: Console) async throws -> [SiteScores] {
    let dataset = try RunDataset.find(request, console: console)
    let names = dataset.folder.sites.map(\.name)
    guard names.count > 1 || scheme != .leaveOneSiteOut else {
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
    let parts = parts(names)
    var folds: [Fold] = []
    var previous: ExperimentData?
    for (index, part) in parts.enumerated() {
      var fold = request
      (fold.holdOut, fold.fold) = (part.heldOut, part.fold)
      fold.output = request.output + "/folds/" + part.folder
      if request.resume, let whole = try Fold(whole: fold.output, heldOut: part.heldOut, fold: part.fold) {
        folds.append(whole)
        continue
      }
      do {
        let data = try await ExperimentData.load(fold, dataset: dataset, previous: previous, console: console)
        if index == 0 && !isBegun { try prepare(request, parts, dataset: dataset) }
        lock = try lock ?? root.lock()
        console.tell("fold \(index + 1) of \(parts.count): \(part.title)")
        let outcome = try await TrainingRun.execute(
          fold, data: data,
          console: console.withoutResults.ofPart("fold \(index + 1) of \(parts.count)"))
        folds.append(Fold(outcome, heldOut: part.heldOut))
        previous = data
      } catch let stop as StoppedByUser {
        let whole =
          index == 0
          ? "No fold is whole." : "Whole folds: \(parts[..<index].map(\.folder).joined(separator: ", "))."
        throw StoppedByUser(kept: "\(whole) \(stop.kept)")
      }
    }
    withExtendedLifetime(lock) {}
    return try show(folds, parts, plan: dataset.plan, request, console: console)
  }

  /// Makes the study's folder once every fault of any fold has shown: the first fold has read all scans. Its configuration
  /// holds the plan before any fold agreed on an atlas.
  private func prepare(_ request: RunRequest, _ parts: [Part], dataset: RunDataset) throws {
    let (folder, plan) = (dataset.folder, dataset.plan)
    let names = folder.sites.map(\.name)
    for part in parts {
      var fold = request
      (fold.holdOut, fold.fold) = (part.heldOut, part.fold)
      let splits = try ExperimentData.splits(folder, plan: plan, fold)
      let trainers = zip(names, splits).filter { $0.0 != part.heldOut }.map(\.1)
      try TrainingRun.checkChoice(request, patience: plan.earlyStopping?.patience, splits: trainers)
      _ = try request.attack(trainers: names.filter { $0 != part.heldOut })
    }
    if let path = request.initialModel {
      _ = try ModelFile.startingWeights(path, plan: plan, study: request.studyDigest)
    }
    let recomputed = try request.networks(plan, tuning: dataset.tuning).checkTraining(plan)
    let configuration = RunConfiguration(
      request, plan: plan, sites: names, tuning: dataset.tuning, recomputed: recomputed)
    try TrainingRun.checkStrategy(
      configuration, request, trainers: names.count - (scheme == .leaveOneSiteOut ? 1 : 0),
      hasRoot: request.rootData != nil)
    let root = try RunFolder.create(request.output, force: request.force, resuming: request.resume)
    try root.write(configuration, tuning: dataset.tuning)
  }

  private func show(
    _ folds: [Fold], _ parts: [Part], plan: TrainingPlan, _ request: RunRequest, console: Console
  ) throws -> [SiteScores] {
    let steps: [String: Int]
    let tests: [SiteScores]
    switch scheme {
    case .leaveOneSiteOut:
      steps = Dictionary(uniqueKeysWithValues: zip(parts.map(\.folder), folds.map(\.steps)))
      tests = folds.flatMap(\.tests)
    case .folds:
      steps = [:]
      // Every case once, by the model of the fold that left it out.
      tests = Dictionary(grouping: folds.flatMap(\.tests), by: \.site).sorted { $0.key < $1.key }
        .compactMap { SiteScores(pooling: $0.value) }
    }
    let scores = ScoreReport(
      tests, steps: steps, regions: plan.regions, metrics: request.metrics, model: folds.last?.model ?? "")
    let document = MetricsDocument(
      mode: scheme.document, scores: scores, study: request.studyDigest, bandwidth: nil)
    let json = document.json().rendered()
    let text =
      scheme == .leaveOneSiteOut ? LeaveOneOutReport(scores: scores).text() : document.scores.text()
    try AtomicFile.write(scores.csv(), to: "\(request.output)/\(scheme.document).csv")
    try AtomicFile.write(json, to: "\(request.output)/\(scheme.document).json")
    console.print(console.isJSON ? json : "\n" + text)
    return tests
  }
}

/// What the study takes from one fold.
private struct Fold {
  let tests: [SiteScores]
  /// Of all trainers.
  let steps: Int
  let model: String

  init(_ outcome: RunOutcome, heldOut site: String?) {
    tests = outcome.tests.filter { site == nil || $0.site == site }
    steps = Self.steps(outcome.results.flatMap(\.rounds))
    model = outcome.model
  }

  /// A fold that an earlier process brought to its end; nil for any other. Throws `ExperimentError.damagedFold`.
  init?(whole path: String, heldOut site: String?, fold: CaseFold?) throws {
    let folder = RunFolder(path: path)
    guard FileManager.default.fileExists(atPath: folder.metrics) else { return nil }
    let found = try RunConfiguration.read(folder.configuration).fold
    guard found == fold else {
      func text(_ fold: CaseFold?) -> String { fold.map { "\($0.number) of \($0.count)" } ?? "none" }
      throw ExperimentError.otherSettings(
        path: folder.configuration, field: "fold", found: text(fold), expected: text(found))
    }
    let journals = try Self.journals(of: folder)
    try folder.removeCheckpoints()
    tests = journals.flatMap(\.end.test).filter { site == nil || $0.site == site }
    steps = Self.steps(journals.flatMap(\.rounds))
    model =
      journals.count == 1
      ? RunOutcome.title(journals[0].end.model, round: journals[0].end.modelRound)
      : RunOutcome.titleOfEach(journals[0].end.model)
  }

  /// Those of a fold none of whose results was changed or cut off. Throws `ExperimentError.damagedFold`.
  static func journals(of folder: RunFolder) throws -> [RunFolder.Journal] {
    do {
      for file in try folder.journalFiles() {
        if let line = try RunJournal.firstBrokenLine(at: file) {
          throw FileError.unreadable(
            path: file, reason: "line \(line) was changed, or is not where it was written")
        }
      }
      let metrics = FileManager.default.contents(atPath: folder.metrics) ?? Data()
      guard (try? JSONSerialization.jsonObject(with: metrics)) != nil else {
        throw FileError.unreadable(path: folder.metrics, reason: "it is no whole JSON document")
      }
      return try folder.journals()
    } catch let error as FileError {
      throw ExperimentError.damagedFold(path: folder.path, reason: error.description)
    }
  }

  private static func steps(_ rounds: [RoundRecord]) -> Int {
    rounds.flatMap(\.sites).reduce(0) { $0 + $1.steps }
  }
}
