import FederationProtocol
import FolderTransport
import Foundation
import Foundations
import Imaging
import Reporting
import Site
import Study
import Tensor
import Training

/// One `segfed site`: a site in a process of its own, asked through folders.
///
/// It is told all settings (`RunAnnouncement`) and brings its cases; what is its own lies in a folder that nobody else reads.
package struct SiteRun: Sendable {
  package struct Request: Sendable {
    /// The site's cases, or a data set that has the site.
    package var data: String
    package var layout: DatasetLayout?
    /// The site's name in the data; nil: the only one, or the one that the run calls so.
    package var site: String?
    package var inbox: String
    package var outbox: String
    /// What stays at the site; nil: a folder in the working folder, named after site and run.
    package var output: String?
    package var cache: String?
    package var loadingMemory: Int?
    package var memoryCeiling: Int?
    package var threads: Int
    package var numerics = Numerics.Mode.native
    /// Replace what another run left in `output`.
    package var force = false
    /// A folder that keeps a copy of all that crosses, as the files were; nil: nothing is kept.
    package var messages: String?
    /// The study that the site takes part in; nil: in runs of none.
    package var study: LockedStudy?
    /// The smallest number of cases that is told.
    package var leastCell = StudyCheck.leastCell

    package init(data: String, inbox: String, outbox: String, threads: Int) {
      (self.data, self.inbox, self.outbox, self.threads) = (data, inbox, outbox, threads)
    }
  }

  let request: Request
  let console: Console
  private let folders: SiteFolders

  /// Serves runs until one that it took part in has come to its end.
  ///
  /// Throws the modules' described errors, and `StoppedByUser`: started again, it goes on where it was.
  package static func execute(_ request: Request, console: Console) async throws {
    let run = SiteRun(
      request: request, console: console,
      folders: SiteFolders(inbox: request.inbox, outbox: request.outbox))
    try run.checkOutput()
    // That there is data shows before a run is there; which of its faults pass, the run says.
    _ = try run.discover(skipping: SkippedCases(allowed: true))
    try run.folders.make()
    let (lock, isTaken) = FolderLock.take(request.outbox)
    if isTaken { throw FolderTransportError.inUse(path: request.outbox) }
    defer { withExtendedLifetime(lock) {} }
    do {
      try await run.serve()
    } catch is CancellationError {
      throw StoppedByUser(
        kept: "What was trained is kept: go on with the same command, the coordinator waits for it.")
    }
  }

  private func serve() async throws {
    console.tell("\(request.inbox): waits for a run")
    while true {
      let (told, bytes) = try await nextRun()
      let isOver = { @Sendable [folders] () throws -> Bool in
        folders.stoppedRun() == told.runID || folders.announcement().map { $0 != bytes } ?? false
      }
      if folders.stoppedRun() == told.runID {
        // The run's end came while this process was away.
        try finish(told, RunFolder(path: output(told)))
        return
      }
      console.tell("run \(told.runID): site \(told.site), \(told.configuration.rounds) rounds")
      if told.configuration.plan.harmonisation.needsAtlas {
        try await agree(told, until: isOver)
      } else if try await train(told, until: isOver) {
        return
      }
    }
  }

  /// Waits for a run that is under way, or one that ended while this site still had work of it.
  private func nextRun() async throws -> (RunAnnouncement, Data) {
    // A file that is still being copied is nothing to tell of; one that stays as it is, is, once.
    var (settling, toldSize) = (Settling(), -1)
    while true {
      if Interruption.isRequested { throw CancellationError() }
      let bytes = folders.announcement()
      let told = try bytes.flatMap { try RunAnnouncement.read($0, path: folders.announcementPath) }
      if told == nil, let bytes, bytes.count != toldSize,
        settling.isSettled(folders.announcementPath, size: bytes.count, seconds: 30)
      {
        toldSize = bytes.count
        console.warn(
          "\(folders.announcementPath): found no JSON for 30 s, expected what the run is. It is waited for: copy it again."
        )
      }
      if let bytes, let told {
        if folders.stoppedRun() != told.runID {
          try checkStudy(told)
          try checkNumerics(told)
          return (told, bytes)
        }
        if hasCheckpoints(told) { return (told, bytes) }
      }
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  private func inbox(_ told: RunAnnouncement) throws -> FolderInbox {
    if let messages = request.messages {
      try Folder.make(messages)
      try AtomicFile.write(told.data, to: "\(messages)/\(told.runID).\(SiteFolders.announcementName)")
    }
    return FolderInbox(
      folders: folders, codec: EnvelopeCodec(identity: told.configuration.identity, site: told.site),
      archive: request.messages, tell: { [console] in console.tell("  " + $0) })
  }

  private func agree(_ told: RunAnnouncement, until isOver: () throws -> Bool) async throws {
    let cases = try found(told)
    let isHeldOut = told.configuration.holdOut == told.site
    let progress = console.progress("looking at scans", total: isHeldOut ? 0 : cases.split.training.count)
    defer { progress.finish() }
    let node = AtlasNode(
      site: told.site, cases: isHeldOut ? [] : cases.split.training.map { cases.folder.cases[$0] },
      reading: cases.request.reading(told.configuration.plan, loop: loop),
      identity: told.configuration.identity, skipped: cases.skipped, progress: progress)
    try await inbox(told).serve(node, until: isOver)
  }

  /// Returns whether the run has come to its end, and not another one in its place.
  private func train(_ told: RunAnnouncement, until isOver: () throws -> Bool) async throws -> Bool {
    let plan = told.configuration.plan
    let found = try found(told)
    let pool = found.request.networks(plan, tuning: nil)
    try PlanError.naming(folders.announcementPath) { _ = try pool.checkTraining(plan) }
    let cases = try load(found, told)
    let folder = try begin(told, cases, found)
    defer { withExtendedLifetime(folder.lock) {} }
    let path = folder.run.site(told.site)
    let node = SiteNode(
      cases, plan: plan, identity: told.configuration.identity, pool: pool, folder: path,
      checkpoints: SiteCheckpoints(
        folder: path + "/checkpoints", site: told.site, runID: told.runID, every: plan.checkpointSteps,
        warn: console.warn),
      keepModel: {
        try ModelFile.write(
          $0, plan: plan, study: told.configuration.study, to: path + "/model.safetensors")
      })
    console.tell(
      "\(folder.run.path): cases to train on \(cases.split.training.count), to validate "
        + "\(cases.split.validation.count), to test \(cases.split.test.count)")
    let served = told.configuration.coded(node, checkpoints: path + "/checkpoints", warn: console.warn)
    try await inbox(told).serve(served, until: isOver)
    guard folders.stoppedRun() == told.runID else { return false }
    try finish(told, folder.run)
    return true
  }

  /// The run is whole: what it would have gone on from is not needed any longer.
  private func finish(_ told: RunAnnouncement, _ run: RunFolder) throws {
    try run.removeCheckpoints()
    let path = run.site(told.site)
    if console.isJSON {
      let document = JSONValue.object([
        ("schema_version", .integer(1)), ("site", .string(told.site)), ("run_id", .string(told.runID)),
        ("output", .string(path)),
      ])
      console.print(document.rendered())
    } else {
      console.print("run \(told.runID): is whole, the site's model and metrics are in \(path)")
    }
  }

  var loop: ParallelLoop { ParallelLoop(threads: request.threads) }

  /// The site's own folder of a run.
  func output(_ told: RunAnnouncement) -> String { request.output ?? "site-\(told.site)-\(told.runID)" }

  private func hasCheckpoints(_ told: RunAnnouncement) -> Bool {
    let folder = RunFolder(path: output(told)).site(told.site) + "/checkpoints"
    return !((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).isEmpty
  }

  /// Throws `ExperimentError.siteOutput` where metrics of single cases would lie where others read.
  private func checkOutput() throws {
    let output = Folder.place(request.output ?? ".") + "/"
    for folder in [request.inbox, request.outbox] where output.hasPrefix(Folder.place(folder) + "/") {
      throw ExperimentError.siteOutput(path: request.output ?? ".", exchange: folder)
    }
  }

  /// Throws `ExperimentError.announcement` for a run of another study than the site's.
  private func checkStudy(_ told: RunAnnouncement) throws {
    let (theirs, own) = (told.configuration.study, request.study?.digest)
    guard theirs != own else {
      if let study = request.study { try checkFollows(told.configuration, study) }
      return
    }
    throw ExperimentError.announcement(
      path: folders.announcementPath, field: "study_sha256", found: theirs ?? "a run of no study",
      expected: own.map { "\($0), that of \(request.study?.path ?? "")" }
        ?? "a run of no study: give --study to take part")
  }

  /// The digest is the coordinator's word; what matters at a site is compared with the study itself.
  private func checkFollows(_ configuration: RunConfiguration, _ study: LockedStudy) throws {
    let (plan, file) = (configuration.plan, study.file)
    let fields: [(name: String, found: String, expected: String)] = [
      ("contrasts", "\(plan.contrasts)", "\(file.features.contrasts)"),
      (
        "labels", "\(plan.labels.map { "\($0.value) \($0.name)" })",
        "\(file.labels.map { "\($0.value) \($0.name)" })"
      ),
      (
        "regions", "\(plan.regions.map { "\($0.name) \($0.labels)" })",
        "\(file.regions.map { "\($0.name) \($0.labels)" })"
      ),
      ("spacing", "\(plan.spacing ?? [])", "\(file.features.spacing ?? plan.spacing ?? [])"),
      ("split", "\(plan.split)", "\(file.split)"),
      ("rounds", "\(configuration.rounds)", "\(file.training.rounds)"),
      ("strategy", "\(configuration.strategy ?? .fedAvg)", file.training.strategy),
      (
        "seed", "\(configuration.seed)",
        file.training.seeds.contains(configuration.seed) ? "\(configuration.seed)" : "\(file.training.seeds)"
      ),
    ]
    guard let other = fields.first(where: { $0.found != $0.expected }) else { return }
    throw ExperimentError.announcement(
      path: folders.announcementPath, field: other.name, found: other.found,
      expected: "\(other.expected), as \(study.path) says")
  }

  /// Throws `ExperimentError.announcement` for another mode; says so where other kernels give other bits.
  private func checkNumerics(_ told: RunAnnouncement) throws {
    let (theirs, own) = (told.configuration.numerics, Numerics.current(request.numerics))
    guard theirs.mode == own.mode else {
      throw ExperimentError.announcement(
        path: folders.announcementPath, field: "numerics, mode", found: theirs.mode.rawValue,
        expected: "\(own.mode.rawValue), as --numerics says here")
    }
    if theirs != own {
      console.warn(
        "computes with \(own.kernels) kernels and OpenBLAS \(own.openblasVersion) (\(own.openblasCore)), the coordinator's machine "
          + "with \(theirs.kernels) and \(theirs.openblasVersion) (\(theirs.openblasCore)): results differ in their last digits"
      )
    }
  }
}
