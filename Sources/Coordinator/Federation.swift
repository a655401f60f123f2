import FederationProtocol
import Foundation
import Foundations
import Interchange

/// A site that scores models, and on which of its cases.
package struct Evaluator: Sendable {
  package let connection: any SiteConnection
  /// A held-out site: all of its cases are test cases.
  package let everyCase: Bool

  package init(_ connection: any SiteConnection, everyCase: Bool = false) {
    self.connection = connection
    self.everyCase = everyCase
  }
}

/// Rounds of training at sites that keep their scans: the coordinator's side.
///
/// Whatever the order and number in which sites are asked, their updates are added in the order of their names, so that every
/// sum has one order. A site that fails, is late, or whose answer fails a check is left out of the round with its reason and asked
/// again in the next: what was refused is never averaged. Only where fewer sites than the quorum are left does `run` throw, and
/// what earlier rounds wrote stays.
package struct Federation: Sendable {
  package typealias Observer = @Sendable (FederationEvent) -> Void

  let settings: FederationSettings
  let strategy: any AggregationStrategy
  let trainers: [SiteLink]
  let evaluators: [(link: SiteLink, everyCase: Bool)]
  /// The coordinator's own cases, behind a connection like a site's; nil: it has none.
  let root: SiteLink?
  let folder: CoordinatorFolder?
  let meter: TrafficMeter
  let shouldStop: @Sendable () -> Bool
  let normaliser: NormaliserRule?
  private let initialModel: ModelState
  /// Where a round's updates lie until they are one model.
  let scratch: String

  /// `trainers` train and are validated after each round; `evaluators` are tested once, at the end.
  ///
  /// `root` trains on the coordinator's own cases, where the strategy asks for that; none of its bytes cross to a site.
  /// Without a `folder` nothing is kept. `meter` may hold what was exchanged before the first round. `normaliser` is what sites' FedNova
  /// normalisers are checked by. `shouldStop` is asked before
  /// each request. Throws `CoordinatorError`.
  package init(
    settings: FederationSettings, strategy: any AggregationStrategy, trainers: [any SiteConnection],
    evaluators: [Evaluator], root: (any SiteConnection)? = nil, initialModel: ModelState,
    folder: CoordinatorFolder?,
    meter: TrafficMeter = TrafficMeter(), normaliser: NormaliserRule? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { Interruption.isRequested }
  ) throws {
    guard !trainers.isEmpty else { throw CoordinatorError.noTrainers }
    try Self.checkNames(trainers.map(\.site), role: "train")
    try Self.checkNames(evaluators.map(\.connection.site), role: "test")
    try StrategyError.check(
      strategy, settings: settings, sites: trainers.count, hasRoot: root != nil, ranges: initialModel.ranges)
    if let tensor = initialModel.firstNotFinite {
      throw CoordinatorError.modelNotFinite(round: 0, tensor: tensor)
    }
    self.settings = settings
    self.strategy = strategy
    func link(_ connection: any SiteConnection) -> SiteLink {
      SiteLink(connection, identity: settings.identity, meter: meter, deadline: settings.deadline)
    }
    let training = trainers.map(link).sorted { $0.site < $1.site }
    self.trainers = training
    self.evaluators =
      evaluators
      .map { evaluator in
        // A site has one link: it says whether the site is still at work.
        let known = training.first { $0.site == evaluator.connection.site }
        return (known ?? link(evaluator.connection), evaluator.everyCase)
      }
      .sorted { $0.0.site < $1.0.site }
    self.root = root.map { SiteLink($0, identity: settings.identity, meter: TrafficMeter()) }
    self.initialModel = initialModel
    self.folder = folder
    self.meter = meter
    self.shouldStop = shouldStop
    self.normaliser = normaliser
    scratch =
      folder.map { $0.path + "/updates" }
      ?? FileManager.default.temporaryDirectory.appendingPathComponent("updates-\(UUID().uuidString)").path
  }

  /// All rounds, then the test of the chosen model; from where an earlier process had come, if the folder is resumed.
  ///
  /// A stop request (or a site that was asked to stop) ends the run with the rounds that were finished, their
  /// model and no test scores.
  package func run(observer: Observer = { _ in }) async throws -> FederationResult {
    var progress = RunProgress(
      model: sender.initial(initialModel), choice: settings.modelChoice,
      strategyState: strategy.initialState(count: initialModel.values.count))
    spool.remove()
    // A site that cannot make it after all says so, and is sent it.
    if settings.startIsKnown, progress.lastModel == initialModel,
      let digest = sender.sent(initialModel, round: 0).digest
    {
      for link in trainers { link.heldModel = digest }
    }
    do {
      try await begin(&progress, observer)
      if progress.isTested { return progress.result(settings: settings, traffic: meter.snapshot()) }
      try await test(&progress, observer)
    } catch is CancellationError {
      progress.isInterrupted = true
      progress.tests = []
    }
    let result = progress.result(settings: settings, traffic: meter.snapshot())
    if let folder {
      if !result.rounds.isEmpty {
        try folder.write(result.model, round: result.modelRound, settings: settings)
      }
      try folder.journal.append(JournalEnd(result))
    }
    return result
  }

  var sender: ModelSender { ModelSender(chain: settings.codecs.down, seed: settings.seed) }

  var spool: UpdateSpool { UpdateSpool(folder: scratch, size: initialModel.values.count) }

  /// Runs all rounds that are not run yet.
  ///
  /// Where a site has lost what the newest checkpoint would go on from, the run goes back to the one before.
  private func begin(_ progress: inout RunProgress, _ observer: Observer) async throws {
    var earlier = try restoreNewest(&progress, observer)
    try await describeSites(&progress, observer)
    while progress.goesOn(settings) {
      do {
        try await runRound(&progress, mayGoBack: !earlier.isEmpty, observer)
        earlier = []
      } catch let error as ProtocolError where error.isStateLost && !earlier.isEmpty {
        earlier = try restore(earlier, &progress, observer)
      }
    }
  }

  /// Goes back to the newest checkpoint that can be gone on from; returns the ones before it. Without any, only who was in the
  /// first round is known.
  private func restoreNewest(
    _ progress: inout RunProgress, _ observer: Observer
  ) throws -> [CheckpointPosition] {
    guard let folder, folder.isResumed else { return [] }
    let positions = folder.checkpoints.positions()
    if positions.isEmpty {
      progress.recorded = try folder.journal.cut(to: try folder.journal.headerPosition(), round: 1)
      return []
    }
    return try restore(positions, &progress, observer)
  }

  private func restore(
    _ positions: [CheckpointPosition], _ progress: inout RunProgress, _ observer: Observer
  ) throws -> [CheckpointPosition] {
    guard let folder else { return [] }
    for (index, position) in positions.enumerated() {
      guard
        let run = try folder.restore(
          position, model: initialModel, strategy: strategy, settings: settings)
      else { continue }
      progress = run.progress
      for link in trainers { link.heldModel = progress.heldModels.first { $0.site == link.site }?.digest }
      meter.restore(run.traffic)
      observer(.resumed(afterRound: position.round))
      return Array(positions[(index + 1)...])
    }
    throw CoordinatorError.noValidCheckpoint(folder: folder.checkpoints.folder, found: positions.count)
  }

  func stopIfAsked() throws {
    if shouldStop() { throw CancellationError() }
  }

  /// A site's failure as it is told of; throws it where it is none of the site's, or where the run goes back to an earlier
  /// checkpoint for it.
  func absence(_ link: SiteLink, _ error: any Error, mayGoBack: Bool = false) throws -> Absence {
    if error is CancellationError { throw error }
    // Sites that go on from different models make nothing of each other's updates.
    if case CoordinatorError.modelDiffers = error { throw error }
    try stopIfAsked()
    if mayGoBack, (error as? ProtocolError)?.isStateLost == true { throw error }
    // A disk that fails is this machine's: a site elsewhere tells its own people of its own.
    guard let error = error as? any DescribedError, !(error is FileError) else { throw error }
    return Absence(site: link.site, reason: error.description)
  }

  private static func checkNames(_ names: [String], role: String) throws {
    var seen: Set<String> = []
    for name in names.sorted() where !seen.insert(name).inserted {
      throw CoordinatorError.duplicateSite(site: name, role: role)
    }
  }
}
