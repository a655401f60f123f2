import Adversary
import Coordinator
import FederationProtocol
import Foundations
import Reporting
import Site
import Training

/// One `segfed train`: coordinator and sites in one process, meeting only in messages.
package struct TrainingRun: Sendable {
  private let request: RunRequest
  private let data: ExperimentData
  /// nil: the sites are in this process.
  private let folders: FolderSites?
  private let configuration: RunConfiguration
  private let folder: RunFolder
  private let console: Console
  private let pool: NetworkPool
  private let initialModel: ModelState
  private let identity: RunIdentity
  /// Whether an earlier process began the run.
  private let isResumed: Bool
  /// nil: all sites are honest.
  private let attack: Attack?
  private let lock: FolderLock?
  /// When the cases were read, in seconds of the monotonic clock.
  private let start = ProgressLine.now

  /// Trains, tests and writes the run folder; prints a line a site and round, then the tables.
  ///
  /// Everything is read and checked before the folder is touched. A run that is to be resumed is gone on with from its newest
  /// valid checkpoint, to the same bits; where none was begun it is begun. Throws the modules' described errors, and
  /// `StoppedByUser` once what was finished is kept.
  @discardableResult
  package static func execute(_ request: RunRequest, console: Console) async throws -> RunOutcome {
    if request.exchange != nil {
      let (sites, data) = try await FolderSites.find(request, console: console)
      return try await execute(request, data: data, folders: sites, console: console)
    }
    let dataset = try RunDataset.find(request, console: console)
    var request = request
    request.scratch = try request.scratch(sites: dataset.folder.sites.count)
    defer { request.scratch?.remove() }
    let data = try await ExperimentData.load(request, dataset: dataset, console: console)
    return try await execute(request, data: data, console: console)
  }

  /// The same; test scores alone, of a run that is whole as it left them.
  package static func scores(_ request: RunRequest, console: Console) async throws -> [SiteScores] {
    if try tellsFinished(request, console: .silent) {
      // Of other settings it is refused.
      _ = try RunDataset.find(request, console: .silent)
      return try request.test.map { try FrozenTest.scores(request, path: $0, console: console).tests }
        ?? RunFolder(path: request.output).tests()
    }
    return try await execute(request, console: console).tests
  }

  static func execute(
    _ request: RunRequest, data: ExperimentData, folders: FolderSites? = nil, console: Console
  ) async throws -> RunOutcome {
    let run = try TrainingRun(request, data: data, folders: folders, console: console)
    if let memory = run.configuration.memory { console.tell(memory.summary) }
    if let attack = run.attack { console.tell(attack.summary) }
    do {
      var outcome = try await run.train()
      if let test = request.test, outcome.interruptedAfterRound == nil {
        outcome.frozen = try FrozenTest.scores(request, path: test, console: console)
      }
      try run.finish(outcome)
      try folders?.end(run.identity)
      return outcome
    } catch let error as FileError {
      throw ExperimentError.runStopped(reason: error.description, output: request.output)
    }
  }

  /// Says so where the run that is to be resumed is whole. Throws `FileError`, `ExperimentError.runIsUsed`.
  package static func tellsFinished(_ request: RunRequest, console: Console) throws -> Bool {
    let folder = RunFolder(path: request.output)
    return try request.resume && folder.tellsFinished(folder.metrics, of: request, console: console)
  }

  private init(
    _ request: RunRequest, data: ExperimentData, folders: FolderSites?, console: Console
  ) throws {
    self.request = request
    self.data = data
    self.folders = folders
    self.console = console
    pool = request.networks(data.plan, tuning: data.tuning)
    // Elsewhere, each site sees to it that the network fits there.
    let recomputed = folders == nil ? try pool.checkTraining(data.plan) : []
    var configuration = RunConfiguration(
      request, plan: data.plan, sites: folders?.names ?? data.sites.map(\.name), tuning: data.tuning,
      recomputed: recomputed)
    attack =
      folders == nil
      ? try request.attack(trainers: data.sites.map(\.name).filter { $0 != request.holdOut }) : nil
    configuration.hostileSites = attack?.hostile
    let layout = data.plan.architecture.parameterLayout
    var weights = layout.initialValues(seed: request.seed)
    if folders == nil {
      try Self.checkChoice(
        request, patience: data.plan.earlyStopping?.patience,
        splits: data.sites.filter { $0.name != request.holdOut }.map(\.split))
    }
    if let path = request.initialModel {
      weights = try ModelFile.startingWeights(path, plan: data.plan, study: request.studyDigest)
      configuration.initialDigest = Digest.sha256Hex(FloatBytes.data(weights))
    }
    configuration.rootDigest = data.root?.digest
    self.configuration = configuration
    try Self.checkStrategy(
      configuration, request, trainers: configuration.sites.count { $0 != request.holdOut },
      hasRoot: data.root != nil)
    initialModel = ModelState(ranges: data.plan.tensorRanges, values: weights)
    identity = configuration.identity
    // The model and its next version lie side by side while one replaces the other.
    let room = 2 * MemoryLayout<Float>.stride * weights.count + (1 << 16)
    let run = RunFolder(path: request.output)
    let earlierLock = try run.lock()
    let earlier = request.resume ? try run.begun() : nil
    isResumed = earlier != nil
    if let earlier {
      try configuration.checkContinues(earlier, path: run.configuration, ignoringAtlas: false)
      try AtomicFile.removeTemporaries(below: run.path)
      folder = run
    } else {
      // What a process left that was killed before the configuration was written is no run yet.
      folder = try RunFolder.create(
        request.output, force: request.force, resuming: request.resume, room: room)
    }
    lock = try earlierLock ?? folder.lock()
    try writeStart()
    try RunHistory.begin(in: folder, threads: request.threads, question: request.study?.file.question)
  }

  /// Writes what is known before training. All of it follows from settings and data: after a kill it is the same again.
  private func writeStart() throws {
    if !isResumed { try folder.write(configuration, tuning: data.tuning) }
    if let atlas = data.plan.harmonisation.atlas { try folder.write(atlas) }
    for site in data.sites {
      try folder.makeSiteFolder(site.name)
      try folder.write(data.skipped.filter { $0.site == site.name }, of: site.name)
      try folder.write(site, isHeldOut: site.name == request.holdOut, resuming: isResumed)
    }
    // After what a resumed run may be refused for.
    try folder.write(data.cohorts)
  }

  /// Throws `StrategyError` where the strategy's rule does not hold with the plan's optimiser, the settings or as many sites.
  static func checkStrategy(
    _ configuration: RunConfiguration, _ request: RunRequest, trainers: Int, hasRoot: Bool
  ) throws {
    let plan = configuration.plan
    let optimizer = plan.optimizer
    try request.strategy.check(
      optimizer: optimizer.name.rawValue, isSGD: optimizer.name == .sgd, momentum: optimizer.momentum,
      averages: optimizer.average != nil)
    guard request.mode == .federated else { return }
    try StrategyError.check(
      request.strategy.make(),
      settings: settings(request, configuration, plan, configuration.identity, steps: 1), sites: trainers,
      hasRoot: hasRoot, ranges: plan.tensorRanges)
  }

  /// Throws `CoordinatorError.noValidationCases` where the best round is asked for and nothing tells which
  /// it is.
  static func checkChoice(_ request: RunRequest, patience: Int?, splits: [CaseSplit]) throws {
    guard request.modelChoice == .bestValidation || patience != nil else { return }
    // Alone, each site needs its own; together, one with validation cases is enough.
    let missing = splits.map(\.validation.isEmpty)
    if request.mode == .local ? missing.contains(true) : missing.allSatisfy({ $0 }) {
      throw CoordinatorError.noValidationCases
    }
  }

  private func train() async throws -> RunOutcome {
    if let folders {
      try folders.announce(configuration, clearing: !isResumed)
      let trainers = folders.connections(but: request.holdOut)
      let result = try await federate(
        trainers, evaluators: folders.evaluators(holdOut: request.holdOut), folder: folder.coordinator,
        steps: 1, display: display(trainers.map(\.site)))
      return RunOutcome(mode: .federated, results: [result])
    }
    switch request.mode {
    case .federated:
      let trainers = data.sites.filter { $0.name != request.holdOut }
      let result = try await federate(trainers, testing: data.sites, folder: folder.coordinator, steps: 1)
      return RunOutcome(mode: .federated, results: [result])
    case .centralised:
      let trainers = data.sites.filter { $0.name != request.holdOut }
      let pooled = SiteCases.pooled(trainers, name: "all-sites")
      // Equal budget: as many steps as all sites take together.
      let result = try await federate(
        [pooled], testing: data.sites, folder: folder.coordinator, steps: trainers.count)
      return RunOutcome(mode: .centralised, results: [result])
    case .local:
      var results: [FederationResult] = []
      for site in data.sites where site.name != request.holdOut {
        let result = try await federate([site], testing: [site], folder: folder.site(site.name), steps: 1)
        results.append(result)
        if result.interruptedAfterRound != nil { break }
      }
      return RunOutcome(mode: .local, results: results)
    }
  }

  /// One federation of `trainers`; a single one makes it plain training. `steps` multiplies the budget of a round.
  private func federate(
    _ trainers: [SiteCases], testing: [SiteCases], folder path: String, steps: Int
  ) async throws -> FederationResult {
    let display = display(trainers.map(\.name))
    var nodes: [String: SiteNode] = [:]
    for site in trainers + testing where nodes[site.name] == nil {
      nodes[site.name] = node(site, display)
    }
    let connections = connections(nodes, trainers)
    return try await federate(
      trainers.compactMap { connections[$0.name] },
      // A run that is repeated is not tested again, but for models that come to be there.
      evaluators: (request.replay == nil || configuration.leavesSitesTheirOwn ? testing : []).compactMap {
        site in
        connections[site.name].map { Evaluator($0, everyCase: site.name == request.holdOut) }
      }, folder: path, steps: steps, display: display)
  }

  private func display(_ sites: [String]) -> RunDisplay {
    RunDisplay(
      console, sites: sites, regions: data.plan.regions.map(\.name), rounds: configuration.rounds,
      meter: request.mode == .federated ? data.traffic : nil)
  }

  private func federate(
    _ trainers: [any SiteConnection], evaluators: [Evaluator], folder path: String, steps: Int,
    display: RunDisplay
  ) async throws -> FederationResult {
    var settings = Self.settings(request, configuration, data.plan, identity, steps: steps)
    if let replay = request.replay {
      settings.replay = replay[String(path.dropFirst(folder.path.count + 1))]
    }
    let strategy = configuration.strategy ?? .fedAvg
    let coordinatorFolder = try CoordinatorFolder.open(
      path: path,
      header: JournalHeader(
        settings: settings, strategy: strategy, configDigest: Digest.hex(configuration.digest),
        numerics: configuration.numerics),
      modelMetadata: try ModelFile.metadata(data.plan, study: configuration.study), resuming: isResumed,
      warn: console.warn)
    let federation = try Federation(
      settings: settings, strategy: strategy.make(), trainers: trainers, evaluators: evaluators,
      root: data.root.map { coordinatorNode($0) }, initialModel: initialModel, folder: coordinatorFolder,
      meter: request.mode == .federated ? data.traffic : TrafficMeter(),
      normaliser: data.plan.normaliser(round:steps:totalSteps:))
    display.begin()
    defer { display.finish() }
    let curves = CurveFiles(plan: data.plan, rounds: settings.rounds, folder: path)
    let result = try await federation.run { event in
      display.show(event)
      // A curve that cannot be written now is written in the end, or stops the run there.
      if case .finished = event { try? curves.write() }
    }
    try curves.write()
    if configuration.codecs != nil {
      try AtomicFile.write(
        TensorBytes.csv(result.rounds, tensors: data.plan.tensorRanges.map(\.name)), to: path + "/bytes.csv")
    }
    return result
  }

  /// What the coordinator is given to talk to: the sites, hostile ones behind what they do to their answers.
  private func connections(
    _ nodes: [String: SiteNode], _ trainers: [SiteCases]
  ) -> [String: any SiteConnection] {
    let hostile = attack?.connections(
      nodes, identity: identity,
      facts: { name in trainers.first { $0.name == name }.map { FreeRiderFacts($0, plan: data.plan) } },
      memory: { name in
        RoundMemory(
          folder: folder.site(name) + "/checkpoints", owner: "freerider", runID: identity.runID,
          warn: console.warn)
      })
    let connections = (nodes as [String: any SiteConnection]).merging(hostile ?? [:]) { $1 }
    return connections.mapValues { connection in
      configuration.coded(
        connection, checkpoints: folder.site(connection.site) + "/checkpoints", warn: console.warn)
    }
  }

  /// `steps` multiplies the budget of a round.
  private static func settings(
    _ request: RunRequest, _ configuration: RunConfiguration, _ plan: TrainingPlan, _ identity: RunIdentity,
    steps: Int
  ) -> FederationSettings {
    var settings = FederationSettings(
      identity: identity, rounds: configuration.rounds, budget: configuration.budget(times: steps),
      keepOptimizerState: request.keepOptimizerState, seed: request.seed,
      modelChoice: request.modelChoice, patience: plan.earlyStopping?.patience)
    settings.scoring = ScoringRequest(request.metrics)
    settings.weighting = request.weighting
    settings.participation = request.participation
    settings.minimumSites = request.minimumSites
    settings.deadline = request.deadline
    settings.sitesAtOnce = request.sitesAtOnce
    settings.fineTuneSteps = request.fineTuneSteps
    settings.screensUpdates = request.screensUpdates
    settings.excludeAfter = request.excludeAfter
    settings.keepsUpdates = request.keepsUpdates
    settings.codecs = configuration.codecs ?? .plain
    settings.startIsKnown = configuration.startIsKnown
    return settings
  }

  private func node(_ site: SiteCases, _ display: RunDisplay) -> SiteNode {
    guard data.sites.contains(where: { $0.name == site.name }) else {
      // All sites' pooled cases.
      return coordinatorNode(site, display)
    }
    let path = folder.site(site.name)
    var keepModel: (@Sendable ([Float]) throws -> Void)?
    // A local run's model lies in the site's folder already.
    if request.mode != .local {
      keepModel = { [plan = data.plan, study = configuration.study] weights in
        try ModelFile.write(weights, plan: plan, study: study, to: path + "/model.safetensors")
      }
    }
    return SiteNode(
      site, plan: data.plan, identity: identity, pool: pool, folder: path,
      checkpoints: checkpoints(of: site, in: path), keepModel: keepModel,
      change: attack?.caseChange(at: site.name, labels: data.plan.labelValues),
      observer: display.watch)
  }

  /// Cases that are no site's own, asked as a site's are: nothing is kept of them behind the run's end.
  private func coordinatorNode(_ cases: SiteCases, _ display: RunDisplay? = nil) -> SiteNode {
    SiteNode(
      cases, plan: data.plan, identity: identity, pool: pool, folder: nil,
      checkpoints: checkpoints(of: cases, in: folder.coordinator),
      observer: display?.watch)
  }

  private func checkpoints(of site: SiteCases, in path: String) -> SiteCheckpoints {
    SiteCheckpoints(
      folder: path + "/checkpoints", site: site.name, runID: identity.runID,
      every: data.plan.checkpointSteps, warn: console.warn)
  }

  /// Writes `metrics.json` last: its presence says that the run is whole. Only then its checkpoints go.
  private func finish(_ outcome: RunOutcome) throws {
    try RunHistory.end(in: folder, seconds: ProgressLine.now - start)
    if outcome.interruptedAfterRound != nil {
      throw StoppedByUser(kept: outcome.kept(rounds: configuration.rounds, output: request.output))
    }
    let document = MetricsDocument(
      mode: outcome.mode.rawValue, scores: outcome.scores(plan: data.plan, metrics: request.metrics),
      study: configuration.study, bandwidth: outcome.mode == .federated ? outcome.bandwidth : nil,
      skipped: (data.skipped + (outcome.frozen?.skipped ?? [])).counts,
      earlyStopping: outcome.earlyStopping, notices: outcome.notices)
    let json = document.json().rendered()
    try AtomicFile.write(document.scores.csv(), to: folder.path + "/metrics.csv")
    try AtomicFile.write(json, to: folder.metrics)
    try folder.removeCheckpoints()
    if console.isJSON {
      console.print(json)
    } else {
      console.print("\n" + document.scores.text())
      if let bandwidth = document.bandwidth { console.print(bandwidth.text()) }
      if let skipped = document.skipped.text { console.print(skipped) }
      if let notices = document.notices.text { console.print(notices) }
    }
  }
}

extension RunConfiguration.Memory {
  /// What the ceiling asks of training.
  fileprivate var summary: String {
    let ceiling = ByteCount.text(ceilingBytes, rounding: .down)
    if recomputedLayers.isEmpty { return "memory: training stays below \(ceiling) as it is" }
    return "memory: to stay below \(ceiling), training computes \(recomputedLayers.count) layers twice "
      + "(slower, same results): \(recomputedLayers.joined(separator: ", "))"
  }
}

extension RunConfiguration {
  /// The work of one round at one trainer.
  fileprivate func budget(times: Int) -> LocalBudget {
    // Epochs of the pooled data are as many steps as the sites' epochs are together.
    if let localEpochs { return .epochs(localEpochs) }
    return .steps((localSteps ?? plan.localSteps) * times)
  }
}
