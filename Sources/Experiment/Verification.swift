import Coordinator
import Foundation
import Foundations
import Imaging
import Interchange
import Reporting
import Training

/// `segfed verify`: runs a run again from its journal and the data, and says whether its weights follow, to the bit.
///
/// Who is in each round is taken from the journal; everything else is computed anew. Tests are repeated only where they leave sites
/// models of their own.
package struct Verification {
  /// One journal's rounds: what it states, and what came of them now.
  private struct Row {
    let journal: String
    let round: Int
    let stated: String
    let found: String
    var holds: Bool { stated == found }
  }

  let run: RunFolder
  let configuration: RunConfiguration
  /// By their folders within the run's.
  let journals: [String]

  /// Reads the run and checks what needs no data: the configuration's digest and the journals' chains.
  ///
  /// Throws `FileError`, and `ExperimentError.notVerified` naming what was changed.
  package init(_ path: String) throws {
    run = RunFolder(path: path)
    guard let configuration = try run.begun() else { throw FileError.notFound(path: run.configuration) }
    self.configuration = configuration
    journals = (["coordinator"] + run.sites.map { "sites/" + $0 }).filter {
      FileManager.default.fileExists(atPath: "\(path)/\($0)/rounds.jsonl")
    }
    guard !journals.isEmpty else { throw FileError.notFound(path: run.coordinator + "/rounds.jsonl") }
    for folder in journals {
      let journal = Self.journal(path, folder)
      if let line = try RunJournal.firstBrokenLine(at: journal) {
        throw ExperimentError.notVerified(
          path: journal, found: "line \(line) was changed, or is not where it was written")
      }
      guard try RunJournal.header(at: journal).configDigest == Digest.hex(configuration.digest) else {
        throw ExperimentError.notVerified(
          path: run.configuration, found: "it is not what the journal begins with")
      }
    }
  }

  /// Runs the run again beside its folder and compares each round's model, and the run's model file.
  ///
  /// `data` takes the place of the path that the run was begun with. Throws what a run throws, `ExperimentError.otherSettings`
  /// where this machine computes otherwise, and `ExperimentError.notVerified` where weights do not follow.
  package func execute(data: String?, threads: Int, console: Console) async throws {
    let again = run.path + ".verify"
    defer { try? FileManager.default.removeItem(atPath: again) }
    var request = RunRequest(replaying: configuration, output: again, threads: threads)
    if let data { request.data = data }
    request.excluded = try run.excludedCases()
    if request.data.isEmpty { throw ExperimentError.dataElsewhere(path: run.path) }
    if FileManager.default.fileExists(atPath: run.tuning) { request.tuning = run.tuning }
    request.replay = try Dictionary(
      uniqueKeysWithValues: journals.map { ($0, try RunJournal.replay(at: Self.journal(run.path, $0))) })
    try checkNumerics()
    do {
      _ = try await TrainingRun.execute(request, console: console.ofProgress)
    } catch let stop as StoppedByUser {
      // A journal that was cut off has no more rounds: the run is repeated as far as it goes.
      if Interruption.isRequested { throw stop }
    }
    let rows = try journals.flatMap { try self.rows($0, again: again) }
    try show(rows, console: console)
    if let wrong = rows.first(where: { !$0.holds }) {
      throw ExperimentError.notVerified(
        path: journal(wrong.journal),
        found: "round \(wrong.round)'s model has SHA-256 \(wrong.found.prefix(16))…, the journal states "
          + "\(wrong.stated.prefix(16))…")
    }
    let isFinished = try checkModels(again: again)
    let rounds = rows.count == 1 ? "the 1 round" : "all \(rows.count) rounds"
    console.print(
      "\(run.path): the weights of \(rounds) follow from journal and data, to the bit."
        + (isFinished ? "" : " The run did not come to its end: go on with --resume."))
  }

  /// With which kernels a run was computed. Throws `FileError`.
  package static func numerics(of path: String) throws -> Numerics.Mode {
    let run = RunFolder(path: path)
    guard let configuration = try run.begun() else { throw FileError.notFound(path: run.configuration) }
    return configuration.numerics.mode
  }

  func journal(_ folder: String) -> String { Self.journal(run.path, folder) }

  private static func journal(_ run: String, _ folder: String) -> String { "\(run)/\(folder)/rounds.jsonl" }

  private func checkNumerics() throws {
    let now = Numerics.current(configuration.numerics.mode)
    if now == configuration.numerics { return }
    throw ExperimentError.otherSettings(
      path: run.configuration, field: "numerics", found: "\(now)", expected: "\(configuration.numerics)")
  }

  private func rows(_ folder: String, again: String) throws -> [Row] {
    let stated = try RunJournal.replay(at: journal(folder)).modelDigests
    let found = try RunJournal.replay(at: Self.journal(again, folder)).modelDigests
    return stated.indices.map { index in
      Row(
        journal: folder, round: index + 1, stated: stated[index],
        found: index < found.count ? found[index] : "none")
    }
  }

  private func show(_ rows: [Row], console: Console) throws {
    var table = TextTable(columns: [
      .text("journal"), .number("round"), .text("model's SHA-256"), .text("again"),
    ])
    for row in rows {
      table.add([
        row.journal, "\(row.round)", String(row.stated.prefix(16)), row.holds ? "equal" : "differs",
      ])
    }
    console.tell(table.rendered())
  }
}

extension RunRequest {
  /// What a run was asked for, by its configuration.
  init(replaying configuration: RunConfiguration, output: String, threads: Int) {
    self.init(data: configuration.data, output: output, threads: threads)
    layout = configuration.layout.flatMap { DatasetLayout(rawValue: $0) }
    partition = configuration.partition.flatMap { SitePartition($0) }
    simulatedSites = partition == nil ? nil : configuration.sites.count
    resolvedPlan = configuration.plan
    studyDigest = configuration.study
    fold = configuration.fold
    // Named, for the configuration's digest; nothing is tested.
    namesTest = configuration.test
    policy = configuration.checks ?? .strict
    mode = configuration.mode
    strategy = configuration.strategy ?? .fedAvg
    attack = configuration.attack
    codecs = configuration.codecs ?? .plain
    weighting = configuration.weights.flatMap { Weighting(rawValue: $0) } ?? .cases
    participation = configuration.participation.flatMap { Participation($0) } ?? .all
    minimumSites = configuration.minimumSites ?? 1
    fineTuneSteps = configuration.fineTuneSteps
    rootData = configuration.rootData
    screensUpdates = configuration.screensUpdates ?? false
    excludeAfter = configuration.excludeAfter
    rounds = configuration.rounds
    budget = configuration.localEpochs.map { .epochs($0) } ?? configuration.localSteps.map { .steps($0) }
    keepOptimizerState = configuration.keepOptimizerState
    modelChoice = ModelChoice(rawValue: configuration.modelChoice) ?? .last
    seed = configuration.seed
    numerics = configuration.numerics.mode
    holdOut = configuration.holdOut
    initialModel = configuration.initialModel
    force = true
  }
}
