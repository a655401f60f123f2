import FederationProtocol
import Foundations
import Metrics
import Training

/// What runs at a hospital: answers the coordinator's messages with its own cases.
///
/// Weights, counts and aggregates leave; scans, voxels and case names never do.
package actor SiteNode: SiteConnection {
  package nonisolated let site: String
  let data: SiteCases
  let plan: TrainingPlan
  let pool: NetworkPool
  let codec: EnvelopeCodec
  let ranges: [TensorRange]
  /// `sites/<name>` of the run folder; nil where nothing is kept.
  private let folder: String?
  let checkpoints: SiteCheckpoints?
  private let keepModel: (@Sendable ([Float]) throws -> Void)?
  private let notify: @Sendable (String) -> Void
  private let change: CaseChange?
  private let observer: StepProgress.Observer?
  private var trainer: Trainer?
  /// The rounds whose end this process has seen, at most the last two; states only where there are no checkpoints to hold them.
  var ended: [(round: Int, state: SiteState?)] = []
  /// Training takes all of a thread for long: not one of those that tasks take turns on.
  private nonisolated let executor: WorkExecutor

  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// `keepModel` is given the weights that were tested, so that the site can predict without the coordinator.
  /// Without `checkpoints` a round that was killed is trained from its begin. `notify` is told what only people at the site
  /// may read, such as the names of cases. `change` is of a hostile site, and touches training cases alone. `observer` watches
  /// the training, at the site too.
  package init(
    _ data: SiteCases, plan: TrainingPlan, identity: RunIdentity, pool: NetworkPool, folder: String?,
    checkpoints: SiteCheckpoints? = nil, keepModel: (@Sendable ([Float]) throws -> Void)? = nil,
    notify: @escaping @Sendable (String) -> Void = { StandardStream.error.write("\($0)\n") },
    change: CaseChange? = nil, observer: StepProgress.Observer? = nil
  ) {
    site = data.name
    self.observer = observer
    self.data = data
    self.plan = plan
    self.pool = pool
    self.folder = folder
    self.checkpoints = checkpoints
    self.keepModel = keepModel
    self.notify = notify
    self.change = change
    executor = WorkExecutor(name: "segfed.site.\(data.name)")
    codec = EnvelopeCodec(identity: identity, site: data.name)
    ranges = plan.tensorRanges
  }

  /// Throws `FileError` where the site's own disk fails it: that is told at the site.
  package func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let (round, request) = try codec.openRequest(message)
    // Others have their turn now: what lies on disk is taken up from there again.
    defer { if data.liesOnDisk { trainer = nil } }
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
      if case .stateLost = error {
        return try codec.seal(WireRefusal(error.description, code: .stateLost), round: round)
      }
      return try codec.seal(WireRefusal(error.description), round: round)
    } catch let error as any DescribedError where !(error is ProtocolError || error is FileError) {
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

  /// The trainer on the site's training cases, made where there is none. Throws `FileError`.
  func trainer(seed: UInt64) throws -> Trainer {
    if let trainer { return trainer }
    let items = try data.cases(data.split.training)
    let cases = items.enumerated().map { position, item in
      TrainingCase(
        change?(item.harmonized, position, items.count) ?? item.harmonized, labelValues: plan.labelValues,
        regions: plan.targets == .regions ? plan.regionClasses : nil, name: item.name)
    }
    let made = Trainer(
      plan: plan, cases: cases, site: site, seed: seed, pool: pool, observer: observer)
    trainer = made
    return made
  }

  private func evaluate(_ request: WireEvaluateRequest, round: Int) throws -> [UInt8] {
    var weights = try request.model.values(expecting: ranges, site: site, round: round)
    if request.lastRound > 0 {
      weights = try state(after: Int(request.lastRound), like: nil).overlaid(on: weights, ranges)
    }
    let clock = ProgressLine.now
    let predictor = Predictor(plan: plan, weights: weights, pool: pool)
    guard let settings = request.hasScoring ? MetricSettings(request.scoring) : .diceOnly() else {
      return try codec.seal(
        WireRefusal("it does not know the scoring \(request.scoring.convention)"), round: round)
    }
    let scorer = CaseScores(regions: plan.regions, labels: plan.labels, settings: settings)
    let part = request.part == .validation ? data.split.validation : data.split.test
    let cases = try data.cases(request.everyCase ? Array(data.records.indices) : part)
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
