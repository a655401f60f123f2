import FederationProtocol
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
/// Sites are asked one after the other in order of their names, whatever the order they are given in, so that
/// each has the whole machine and every sum has one order. An answer that fails a check is never averaged:
/// `run` throws a `ProtocolError` or `CoordinatorError` naming site, round and field, and what earlier rounds
/// wrote stays.
package struct Federation: Sendable {
  package typealias Observer = @Sendable (FederationEvent) -> Void

  private let settings: FederationSettings
  private let strategy: any AggregationStrategy
  private let trainers: [SiteLink]
  private let evaluators: [(link: SiteLink, everyCase: Bool)]
  private let initialModel: ModelState
  private let folder: CoordinatorFolder?
  private let meter: TrafficMeter
  private let shouldStop: @Sendable () -> Bool

  /// `trainers` train and are validated after each round; `evaluators` are tested once, at the end.
  ///
  /// Without a `folder` nothing is written. `meter` may hold what was exchanged before the first round. `shouldStop` is asked before each request.
  /// Throws `CoordinatorError`.
  package init(
    settings: FederationSettings, strategy: any AggregationStrategy, trainers: [any SiteConnection],
    evaluators: [Evaluator], initialModel: ModelState, folder: CoordinatorFolder?,
    meter: TrafficMeter = TrafficMeter(),
    shouldStop: @escaping @Sendable () -> Bool = { Interruption.isRequested }
  ) throws {
    guard !trainers.isEmpty else { throw CoordinatorError.noTrainers }
    guard strategy.needs == .weightedSum else {
      throw CoordinatorError.unsupportedStrategy(name: strategy.name)
    }
    try Self.checkNames(trainers.map(\.site), role: "train")
    try Self.checkNames(evaluators.map(\.connection.site), role: "test")
    if let tensor = initialModel.firstNotFinite {
      throw CoordinatorError.modelNotFinite(round: 0, tensor: tensor)
    }
    self.settings = settings
    self.strategy = strategy
    self.trainers =
      trainers
      .map { SiteLink($0, identity: settings.identity, meter: meter) }
      .sorted { $0.site < $1.site }
    self.evaluators =
      evaluators
      .map { (SiteLink($0.connection, identity: settings.identity, meter: meter), $0.everyCase) }
      .sorted { $0.0.site < $1.0.site }
    self.initialModel = initialModel
    self.folder = folder
    self.meter = meter
    self.shouldStop = shouldStop
  }

  /// All rounds, then the test of the chosen model; from where an earlier process had come, if the folder is resumed.
  ///
  /// A stop request (or a site that was asked to stop) ends the run with the rounds that were finished, their
  /// model and no test scores.
  package func run(observer: Observer = { _ in }) async throws -> FederationResult {
    var progress = RunProgress(
      model: initialModel, choice: settings.modelChoice,
      strategyState: strategy.initialState(count: initialModel.values.count))
    do {
      try await begin(&progress, observer)
      if progress.isTested { return progress.result(settings: settings, traffic: meter.snapshot()) }
      progress.tests = try await test(progress.chosen.model, observer)
    } catch let error where Self.isInterruption(error) {
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

  /// Runs all rounds that are not run yet.
  ///
  /// Where a site has lost what the newest checkpoint would go on from, the run goes back to the one before.
  private func begin(_ progress: inout RunProgress, _ observer: Observer) async throws {
    var earlier = try restoreNewest(&progress, observer)
    if progress.rounds.isEmpty { progress.descriptions = try await describeSites(observer) }
    while progress.goesOn(settings) {
      do {
        try await runRound(&progress, observer)
        earlier = []
      } catch let error as ProtocolError where error.isStateLost && !earlier.isEmpty {
        earlier = try restore(earlier, &progress, observer)
      }
    }
  }

  /// Goes back to the newest checkpoint that can be gone on from; returns the ones before it. Without any, nothing changes.
  private func restoreNewest(
    _ progress: inout RunProgress, _ observer: Observer
  ) throws -> [CheckpointPosition] {
    guard let folder, folder.isResumed else { return [] }
    let positions = folder.checkpoints.positions()
    if positions.isEmpty {
      try folder.journal.truncateToHeader()
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
      meter.restore(run.traffic)
      observer(.resumed(afterRound: position.round))
      return Array(positions[(index + 1)...])
    }
    throw CoordinatorError.noValidCheckpoint(folder: folder.checkpoints.folder, found: positions.count)
  }

  private func describeSites(_ observer: Observer) async throws -> [SiteDescription] {
    var descriptions: [SiteDescription] = []
    for link in uniqueLinks {
      try stopIfAsked()
      let description = try await link.describe()
      descriptions.append(description)
      observer(.described(description))
    }
    let training = descriptions.filter { description in trainers.contains { $0.site == description.site } }
    if let empty = training.first(where: { $0.trainingCases == 0 }) {
      throw CoordinatorError.noTrainingCases(site: empty.site)
    }
    if settings.needsValidation, training.allSatisfy({ $0.validationCases == 0 }) {
      throw CoordinatorError.noValidationCases
    }
    return descriptions
  }

  /// Changes `progress` only once the round is whole. What is written down last, the checkpoint, decides after a crash.
  private func runRound(_ progress: inout RunProgress, _ observer: Observer) async throws {
    let round = progress.rounds.count + 1
    let before = trainers.map { meter.traffic(of: $0.site) }
    let model = progress.lastModel
    let wire = model.wire
    var sum = WeightedSum(count: model.values.count)
    var sites: [SiteRound] = []
    for link in trainers {
      try stopIfAsked()
      let (site, delta) = try await link.train(
        model, wire: wire, rule: strategy.localRule, round: round, settings: settings)
      sum.add(delta, weight: strategy.weight(cases: site.cases, steps: site.steps))
      sites.append(site)
      observer(.trained(round: round, site))
    }
    var strategyState = progress.strategyState
    let next = ModelState(
      ranges: model.ranges, values: strategy.apply(sum, to: model.values, state: &strategyState))
    if let tensor = next.firstNotFinite {
      throw CoordinatorError.modelNotFinite(round: round, tensor: tensor)
    }
    let nextWire = next.wire
    for (index, link) in trainers.enumerated() {
      try stopIfAsked()
      let scores = try await link.evaluate(
        nextWire, part: .validation, everyCase: false, round: round, scoring: settings.scoring)
      sites[index].validation = scores
      let traffic = meter.traffic(of: link.site)
      sites[index].bytesDown = traffic.down - before[index].down
      sites[index].bytesUp = traffic.up - before[index].up
      observer(.validated(round: round, scores))
    }
    let record = RoundRecord(
      round: round, sites: sites, validation: ScoreSummary(sites.compactMap(\.validation)))
    try folder?.write(next, round: round, settings: settings)
    try folder?.journal.append(JournalRound(record))
    progress.add(record, model: next, strategyState: strategyState)
    try folder?.save(progress, traffic: meter.snapshot())
    observer(.finished(record))
  }

  private func test(_ model: ModelState, _ observer: Observer) async throws -> [SiteScores] {
    let wire = model.wire
    var tests: [SiteScores] = []
    for evaluator in evaluators {
      try stopIfAsked()
      let scores = try await evaluator.link.evaluate(
        wire, part: .test, everyCase: evaluator.everyCase, round: settings.rounds,
        scoring: settings.scoring)
      tests.append(scores)
      observer(.tested(scores))
    }
    return tests
  }

  /// Each site once, in order of the names.
  private var uniqueLinks: [SiteLink] {
    let others = evaluators.map(\.link).filter { link in !trainers.contains { $0.site == link.site } }
    return (trainers + others).sorted { $0.site < $1.site }
  }

  private func stopIfAsked() throws {
    if shouldStop() { throw CancellationError() }
  }

  private static func isInterruption(_ error: any Error) -> Bool {
    if case ProtocolError.refused(_, _, true, _) = error { return true }
    return error is CancellationError
  }

  private static func checkNames(_ names: [String], role: String) throws {
    var seen: Set<String> = []
    for name in names.sorted() where !seen.insert(name).inserted {
      throw CoordinatorError.duplicateSite(site: name, role: role)
    }
  }
}
