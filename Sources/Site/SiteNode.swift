import FederationProtocol
import Foundations
import Metrics
import Training

/// What runs at a hospital: answers the coordinator's messages with its own cases.
///
/// Weights, counts and aggregates leave; scans, voxels and case names never do.
package actor SiteNode: SiteConnection {
  package nonisolated let site: String
  private let data: SiteCases
  private let plan: TrainingPlan
  private let pool: NetworkPool
  private let codec: EnvelopeCodec
  private let ranges: [TensorRange]
  /// `sites/<name>` of the run folder; nil where nothing is kept.
  private let folder: String?
  private let checkpoints: SiteCheckpoints?
  private let keepModel: (@Sendable ([Float]) throws -> Void)?
  private let notify: @Sendable (String) -> Void
  private var trainer: Trainer?
  /// The last round that this process trained; 0: none yet.
  private var lastRound = 0

  /// `keepModel` is given the weights that were tested, so that the site can predict without the coordinator.
  /// Without `checkpoints` a round that was killed is trained from its begin. `notify` is told what only people at the site
  /// may read, such as the names of cases.
  package init(
    _ data: SiteCases, plan: TrainingPlan, identity: RunIdentity, pool: NetworkPool, folder: String?,
    checkpoints: SiteCheckpoints? = nil, keepModel: (@Sendable ([Float]) throws -> Void)? = nil,
    notify: @escaping @Sendable (String) -> Void = { StandardStream.error.write("\($0)\n") }
  ) {
    site = data.name
    self.data = data
    self.plan = plan
    self.pool = pool
    self.folder = folder
    self.checkpoints = checkpoints
    self.keepModel = keepModel
    self.notify = notify
    codec = EnvelopeCodec(identity: identity, site: data.name)
    ranges = plan.tensorRanges
  }

  package func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let (round, request) = try codec.openRequest(message)
    do {
      switch request {
      case .describe: return try codec.seal(description, round: round)
      case .train(let request): return try train(request, round: round)
      case .evaluate(let request): return try evaluate(request, round: round)
      case .landmarks, .atlas, .fingerprint, .sizes:
        return try codec.seal(WireRefusal("the site's scans are harmonised already"), round: round)
      }
    } catch let error as TrainingError {
      notify(error.siteNotice)
      return try codec.seal(WireRefusal(error.description), round: round)
    } catch let error as SiteError {
      return try codec.seal(WireRefusal(error.description, code: .stateLost), round: round)
    } catch let error as FileError {
      return try codec.seal(
        WireRefusal(error.description + " Then go on with the same command and --resume."), round: round)
    } catch let error as any DescribedError where !(error is ProtocolError) {
      return try codec.seal(WireRefusal(error.description), round: round)
    }
  }

  private var description: WireSiteDescription {
    var wire = WireSiteDescription()
    wire.cases.training = UInt32(data.split.training.count)
    wire.cases.validation = UInt32(data.split.validation.count)
    wire.cases.test = UInt32(data.split.test.count)
    wire.contrasts = plan.contrasts
    wire.scanBytesOnDisk = UInt64(data.bytesOnDisk)
    wire.scanBytesUncompressed = UInt64(data.bytesUncompressed)
    return wire
  }

  private func train(_ request: WireTrainRequest, round: Int) throws -> [UInt8] {
    let start = try request.model.values(expecting: ranges, site: site, round: round)
    guard !data.split.training.isEmpty else {
      return try codec.seal(WireRefusal("the site has no training cases"), round: round)
    }
    let trainer = trainer(seed: request.seed)
    let steps =
      switch request.budget {
      case .localEpochs(let epochs): trainer.steps(epochs: Int(epochs))
      case .localSteps(let steps): Int(steps)
      case nil: 0
      }
    guard (0...1e6).contains(request.rule.proximal) else {
      return try codec.seal(WireRefusal("it cannot train with mu \(request.rule.proximal)"), round: round)
    }
    guard steps > 0 else {
      return try codec.seal(WireRefusal("the request asks for no steps"), round: round)
    }
    let task = SiteCheckpoints.Task(
      round: round, steps: steps, totalSteps: steps * Int(request.totalRounds),
      keepsState: request.keepOptimizerState,
      startDigest: checkpoints == nil ? "" : Digest.sha256Hex(FloatBytes.data(start)))
    guard
      let (outcome, seconds) = try train(
        trainer, from: start, rule: LocalRule(proximal: request.rule.proximal), task)
    else {
      return try codec.seal(WireRefusal("asked to stop", code: .interrupted), round: round)
    }
    var update = WireModelUpdate()
    update.delta = WireWeights(ranges: ranges, values: zip(outcome.weights, start).map { $0 - $1 })
    update.cases = UInt64(data.split.training.count)
    update.steps = UInt64(outcome.steps)
    update.meanLoss = outcome.meanLoss
    update.seconds = seconds
    return try codec.seal(update, round: round)
  }

  /// Trains a round, from where an earlier process had come; nil if asked to stop.
  private func train(
    _ trainer: Trainer, from start: [Float], rule: LocalRule, _ task: SiteCheckpoints.Task
  ) throws -> (outcome: TrainingOutcome, seconds: Double)? {
    let clock = ProgressLine.now
    var before = 0.0
    var started: RoundState?
    // After a round of its own the trainer is where it should be, unless the coordinator went back.
    if lastRound == 0 || lastRound >= task.round {
      switch try checkpoints?.start(task, like: trainer.state) ?? .fresh {
      case .fresh: break
      case .keeping(let state): trainer.restore(state)
      case .within(let state, let seconds): (started, before) = (state, seconds)
      case .done(let outcome, let state, let seconds):
        if let state { trainer.restore(state) }
        lastRound = task.round
        return (outcome, seconds)
      }
    }
    let writing = checkpoints.map { checkpoints in
      RoundCheckpoints(every: checkpoints.interval) {
        try checkpoints.write($0, of: task, seconds: before + ProgressLine.now - clock)
      }
    }
    // Nothing is kept before the first round, also where the coordinator went back to it.
    let outcome = try trainer.train(
      from: start, round: task.round, steps: task.steps, totalSteps: task.totalSteps,
      keepOptimizerState: task.keepsState && task.round > 1, rule: rule, started: started,
      checkpoints: writing)
    guard let outcome else { return nil }
    let seconds = before + ProgressLine.now - clock
    try checkpoints?.write(
      outcome, trainer: task.keepsState ? trainer.state : nil, of: task, seconds: seconds)
    lastRound = task.round
    return (outcome, seconds)
  }

  private func trainer(seed: UInt64) -> Trainer {
    if let trainer { return trainer }
    let cases = data.split.training.map {
      TrainingCase(
        data.cases[$0].harmonized, labelValues: plan.labelValues,
        regions: plan.targets == .regions ? plan.regionClasses : nil, name: data.cases[$0].name)
    }
    let made = Trainer(plan: plan, cases: cases, site: site, seed: seed, pool: pool)
    trainer = made
    return made
  }

  private func evaluate(_ request: WireEvaluateRequest, round: Int) throws -> [UInt8] {
    let weights = try request.model.values(expecting: ranges, site: site, round: round)
    let clock = ProgressLine.now
    let predictor = Predictor(plan: plan, weights: weights, pool: pool)
    guard let settings = request.hasScoring ? MetricSettings(request.scoring) : .diceOnly() else {
      return try codec.seal(
        WireRefusal("it does not know the scoring \(request.scoring.convention)"), round: round)
    }
    let scorer = CaseScores(regions: plan.regions, labels: plan.labels, settings: settings)
    let part = request.part == .validation ? data.split.validation : data.split.test
    let cases = (request.everyCase ? Array(data.cases.indices) : part).map { data.cases[$0] }
    guard let scores = try scorer.score(cases, predictor: predictor, loop: pool.loop) else {
      return try codec.seal(WireRefusal("asked to stop", code: .interrupted), round: round)
    }
    if request.part == .test, let folder {
      try AtomicFile.write(scorer.csv(scores), to: folder + "/metrics.csv")
      try keepModel?(weights)
    }
    return try codec.seal(
      scorer.evaluation(scores, part: request.part, seconds: ProgressLine.now - clock), round: round)
  }
}

extension TrainingPlan {
  /// The parameters as the protocol names them.
  package var tensorRanges: [TensorRange] {
    architecture.parameterLayout.entries.map { TensorRange(name: $0.name, shape: $0.shape) }
  }
}
