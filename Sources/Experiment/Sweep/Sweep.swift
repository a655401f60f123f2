import Adversary
import Coordinator
import Foundation
import Foundations
import Imaging
import Metrics
import Reporting
import Study
import Training
import Yams

/// `segfed sweep`: every run of a grid, each finished one kept as a line of `results.jsonl` and skipped when started again.
///
/// A run that was cut off is resumed. The folder holds `sweep.yaml`, the harmonised cases that all runs share, and `results.csv`,
/// a line a run and site.
package struct Sweep: Sendable {
  private let file: SweepFile
  private let output: String
  private let threads: Int
  private let keepsRuns: Bool
  private let console: Console

  /// Throws `SweepError.notASweep` for a folder that is none's, `SweepError.otherSweep` for one of another.
  ///
  /// With `force` what an earlier sweep found there is removed; without a finished run there is nothing to keep.
  package init(
    _ file: SweepFile, output: String, threads: Int, keepsRuns: Bool, force: Bool, console: Console
  ) throws {
    (self.file, self.output, self.threads) = (file, output, threads)
    (self.keepsRuns, self.console) = (keepsRuns, console)
    try begin(force: force)
  }

  private var store: SweepResults { SweepResults(path: output + "/results.jsonl") }

  /// A grid may be made larger between two starts; what results depend on may not be changed.
  private func begin(force: Bool) throws {
    let path = output + "/sweep.yaml"
    let manager = FileManager.default
    let found = (try? manager.contentsOfDirectory(atPath: output)) ?? []
    guard found.isEmpty || found.contains("sweep.yaml") else { throw SweepError.notASweep(path: output) }
    try Folder.make(output)
    let lock = try RunFolder(path: output).lock()
    defer { withExtendedLifetime(lock) {} }
    if force {
      try Self.remove(["results.jsonl", "results.csv", "runs", "plan.yaml"], below: output)
    } else if let data = manager.contents(atPath: path) {
      try goOn(try? YAMLDecoder().decode(SweepFile.self, from: data), path: path)
    }
    let encoder = YAMLEncoder()
    encoder.options.sortKeys = true
    guard let text = try? encoder.encode(file) else { preconditionFailure("a sweep that YAML cannot hold") }
    // First: without it the folder is no sweep's.
    try AtomicFile.write(text, to: path)
    if let planText { try AtomicFile.write(planText, to: keptPlan.path) }
  }

  /// Results of another sweep are kept and refused; runs that came to none are nothing to keep.
  private func goOn(_ earlier: SweepFile?, path: String) throws {
    let field = earlier.map(otherField) ?? "the file"
    let results = try store.read()
    if let field, results.contains(where: { $0.failure == nil }) {
      throw SweepError.otherSweep(path: path, field: field)
    }
    if field != nil { try Self.remove(["results.jsonl", "results.csv", "runs", "plan.yaml"], below: output) }
    // What failed for want of the coordinator's cases is tried again.
    if earlier?.coordinatorData != file.coordinatorData {
      try store.write(results.filter { $0.failure == nil })
    }
  }

  private static func remove(_ names: [String], below folder: String) throws {
    for name in names where FileManager.default.fileExists(atPath: folder + "/" + name) {
      do {
        try FileManager.default.removeItem(atPath: folder + "/" + name)
      } catch {
        throw FileError.notWritable(
          path: folder + "/" + name, reason: (error as NSError).localizedDescription)
      }
    }
  }

  /// The first field that results depend on and that is not an earlier sweep's; nil where all are.
  private func otherField(_ earlier: SweepFile) -> String? {
    let fields: [(String, Bool)] = [
      ("data", earlier.data == file.data), ("test", earlier.test == file.test),
      // Without any, no run that came to its end needed it.
      ("coordinator_data", earlier.coordinatorData == nil || earlier.coordinatorData == file.coordinatorData),
      ("screen", (earlier.screen ?? false) == (file.screen ?? false)),
      ("distances", (earlier.distances ?? false) == (file.distances ?? false)),
      (
        file.study == nil ? "plan" : "study",
        earlier.plan == file.plan && earlier.study == file.study
          && planText == (try? Data(contentsOf: keptPlan))
      ),
      ("rounds", earlier.rounds == file.rounds),
      ("local_steps", earlier.localSteps == file.localSteps),
      ("local_epochs", earlier.localEpochs == file.localEpochs),
    ]
    return fields.first { !$0.1 }?.0
  }

  /// The plan's file, or the study's lock, as it is; nil where the plan is one that comes with segfed.
  private var planText: Data? {
    (file.study.map(LockedStudy.lockPath) ?? file.plan).flatMap {
      FileManager.default.contents(atPath: $0)
    }
  }

  /// The plan's file as it was.
  private var keptPlan: URL { URL(fileURLWithPath: output + "/plan.yaml") }

  /// Runs what is not finished and prints the table. Throws what a run throws, and `StoppedByUser`.
  package func execute() async throws {
    let results = try await finish()
    console.print(SweepTable(results, cells: file.cells).text())
  }

  /// Runs what is not finished; the grid's results. Throws like `execute`.
  func finish() async throws -> [SweepResult] {
    let lock = try RunFolder(path: output).lock()
    defer { withExtendedLifetime(lock) {} }
    var results = try store.read()
    let cells = file.cells
    if !cells.allSatisfy({ cell in results.contains { $0.cell == cell } }) { try checkData() }
    // The table may be lost, or older than the results.
    try writeTable(results)
    for (index, cell) in cells.enumerated() where !results.contains(where: { $0.cell == cell }) {
      try Interruption.check(kept: kept(results))
      console.tell("run \(index + 1) of \(cells.count): \(cell.title)")
      let result: SweepResult
      do {
        result = try await run(cell)
      } catch is StoppedByUser {
        throw StoppedByUser(kept: kept(results))
      } catch let error as any DescribedError where Self.endsOneRun(error) {
        console.warn("\(cell.title): \(error.description)")
        result = SweepResult(cell: cell, failure: error.description)
      }
      if let other = results.first(where: { $0.isOfOtherData(result) }) {
        try? FileManager.default.removeItem(atPath: folder(cell))
        throw SweepError.otherData(path: store.path, data: file.data, cell: other.cell.title)
      }
      try store.append(result)
      results.append(result)
      try writeTable(results)
      if !keepsRuns { try? FileManager.default.removeItem(atPath: folder(cell)) }
    }
    return results.filter { cells.contains($0.cell) }
  }

  private func writeTable(_ results: [SweepResult]) throws {
    try AtomicFile.write(SweepTable(results, cells: file.cells).csv(), to: output + "/results.csv")
  }

  /// Throws `ExperimentError.duplicates` where a fresh case is one that runs train on, `.unknownSite` for one that is to be held out.
  private func checkData() throws {
    let loop = ParallelLoop(threads: threads)
    let needsLabels = file.study == nil
    let data = try DatasetFolder.discover(file.data, requireLabels: needsLabels)
    let names = data.sites.map(\.name)
    for site in file.grid[SweepAxis.holdOutSite.rawValue] ?? [] where site != "none" && !names.contains(site)
    {
      throw ExperimentError.unknownSite(data: file.data, found: site, known: names)
    }
    guard let test = file.test else { return }
    try TrainedCases(data: data, loop: loop)
      .refuse(DatasetFolder.discover(test, requireLabels: needsLabels), loop: loop)
  }

  private var metrics: MetricSettings { file.distances == true ? .diceAndHausdorff95() : .diceOnly() }

  private func kept(_ results: [SweepResult]) -> String {
    "\(output): \(results.count) finished runs. Go on with the same command."
  }

  /// What the next run need not meet too: an attack that breaks the model, too few sites for a strategy.
  private static func endsOneRun(_ error: any Error) -> Bool {
    error is CoordinatorError || error is StrategyError || error is AttackError
  }

  private func folder(_ cell: SweepCell) -> String { "\(output)/runs/\(cell.folder)" }

  private func run(_ cell: SweepCell) async throws -> SweepResult {
    var request = RunRequest(data: file.data, output: folder(cell), threads: threads)
    request.plan = file.plan
    request.rounds = file.rounds
    request.budget = file.localSteps.map { .steps($0) } ?? file.localEpochs.map { .epochs($0) }
    request.seed = cell.seed
    if let study = file.study {
      // What a study says depends on the mode.
      if let mode = cell.values[SweepAxis.mode.rawValue] { try SweepAxis.mode.apply(mode, to: &request) }
      try request.follow(LockedStudy.read(study), seed: cell.seed)
    }
    request.cache = output + "/cases"
    if file.study == nil { request.metrics = metrics }
    request.resume = true
    // The same bits, and cores that one small network leaves idle.
    request.sitesAtOnce = min(threads, 4)
    for axis in SweepAxis.allCases {
      if let value = cell.values[axis.rawValue] { try axis.apply(value, to: &request) }
    }
    request.screensUpdates = file.screen ?? false
    if request.strategy.descriptor.needsRoot { request.rootData = file.coordinatorData }
    let clock = ProgressLine.now
    if try !TrainingRun.tellsFinished(request, console: .ofGrid) {
      _ = try await TrainingRun.execute(request, console: .ofGrid)
    }
    let seconds = ProgressLine.now - clock
    return try result(cell, request, seconds: seconds)
  }

  private func result(_ cell: SweepCell, _ request: RunRequest, seconds: Double) throws -> SweepResult {
    let journals = try RunFolder(path: folder(cell)).journals()
    let rounds = journals.flatMap(\.rounds)
    let suspicions = Suspicions(rounds)
    let isFederated = request.mode == .federated
    let traffic = journals[0].end.totals
    return SweepResult(
      cell: cell, rounds: journals[0].rounds.count,
      steps: rounds.flatMap(\.sites).reduce(0) { $0 + $1.steps },
      seconds: seconds, bytesDown: isFederated ? traffic.down : 0, bytesUp: isFederated ? traffic.up : 0,
      // Of a site that is held out it is asked how it does.
      sites: (try file.test.map { try fresh(cell, on: $0) }
        ?? journals.flatMap(\.end.test).map { SweepResult.Site($0) }).filter {
          request.holdOut == nil || $0.site == request.holdOut
        },
      triggered: try triggered(cell, request.attack),
      hostile: try RunConfiguration.read(folder(cell) + "/config.yaml").hostileSites ?? [],
      judged: suspicions.judged, suspected: suspicions.suspected,
      leftOut: rounds.reduce(0) { $0 + $1.leftOut.count },
      modelDigest: journals.map(\.digest).joined(separator: " "), dataDigest: dataDigest(cell),
      traffic: isFederated ? try exchanged(cell) : [])
  }

  /// What each site exchanged, beside its scans, as the run's `metrics.json` has it.
  private func exchanged(_ cell: SweepCell) throws -> [SweepResult.Traffic] {
    let path = folder(cell) + "/metrics.json"
    guard let data = FileManager.default.contents(atPath: path),
      let document = try? JSONDecoder().decode(RunBandwidth.self, from: data)
    else { throw FileError.unreadable(path: path, reason: "not the metrics of a federated run") }
    return document.bandwidth.sites.sorted { $0.key < $1.key }.map { name, site in
      let rows = FileManager.default.contents(atPath: "\(folder(cell))/sites/\(name)/cases.csv") ?? Data()
      return SweepResult.Traffic(
        site: name, cases: max(0, rows.count { $0 == UInt8(ascii: "\n") } - 1), bytes: site.total,
        scansCompressed: site.compressed, scansUncompressed: site.uncompressed)
    }
  }

  /// SHA-256 over all sites' cases: names, and digests of their first scans and of their label maps.
  private func dataDigest(_ cell: SweepCell) -> String {
    let run = RunFolder(path: folder(cell))
    let text = run.sites.map { name in
      let rows = FileManager.default.contents(atPath: run.site(name) + "/cases.csv") ?? Data()
      return name
        + String(decoding: rows, as: UTF8.self).split(whereSeparator: \.isNewline).map { row in
          // Without the part, which is drawn from the seed; a name may hold commas.
          let fields = row.split(separator: ",")
          return (fields.dropLast(3) + fields.suffix(2)).joined(separator: ",")
        }.joined(separator: "\n")
    }
    return Digest.sha256Hex(Data(text.joined(separator: "\n").utf8))
  }

  /// Fresh cases with the trigger of the attack's backdoor; nil where there are none, or no backdoor.
  private func triggered(_ cell: SweepCell, _ attack: AttackChoice?) throws -> [SweepResult.Site]? {
    guard let test = file.test, let backdoor = attack?.backdoor else { return nil }
    return try fresh(cell, on: test, trigger: backdoor)
  }

  /// Dice at each site on fresh cases, with what the site has at the end.
  private func fresh(
    _ cell: SweepCell, on test: String, trigger: Backdoor? = nil
  ) throws -> [SweepResult.Site] {
    var request = Evaluation.Request(
      source: .models([folder(cell)]), data: test, output: folder(cell) + "/fresh",
      threads: threads)
    request.study = try file.study.map { try LockedStudy.read($0) }
    request.metrics = request.study?.file.metrics ?? metrics
    request.cache = output + "/fresh-cases"
    request.trigger = trigger
    request.force = true
    return try Evaluation.scores(request, console: .ofGrid).tests.map { SweepResult.Site($0) }
  }
}

/// What `metrics.json` tells of bandwidth.
private struct RunBandwidth: Decodable {
  struct Bandwidth: Decodable {
    let sites: [String: Site]
  }

  struct Site: Decodable {
    let total: Int
    let compressed: Int
    let uncompressed: Int

    enum CodingKeys: String, CodingKey {
      case total = "total_bytes"
      case compressed = "scan_bytes_compressed"
      case uncompressed = "scan_bytes_uncompressed"
    }
  }

  let bandwidth: Bandwidth
}

extension SweepResult.Site {
  init(_ scores: SiteScores) {
    self.init(
      site: scores.site, cases: scores.cases,
      dice: Dictionary(
        scores.regions.compactMap { region in region.mean.map { (region.region, $0) } },
        uniquingKeysWith: { first, _ in first }),
      hausdorff95: Self.hausdorff95(scores))
  }

  /// Mean HD95 in mm by region, where it was asked for.
  private static func hausdorff95(_ scores: SiteScores) -> [String: Double]? {
    let found = scores.regions.compactMap { region in
      region.metrics?.first { $0.metric == Metric.hausdorff95.rawValue }?.mean.map { (region.region, $0) }
    }
    return found.isEmpty ? nil : Dictionary(found, uniquingKeysWith: { first, _ in first })
  }
}
