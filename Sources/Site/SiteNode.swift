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
  private let keepModel: (@Sendable ([Float]) throws -> Void)?
  private var trainer: Trainer?

  /// `keepModel` is given the weights that were tested, so that the site can predict without the coordinator.
  package init(
    _ data: SiteCases, plan: TrainingPlan, identity: RunIdentity, pool: NetworkPool, folder: String?,
    keepModel: (@Sendable ([Float]) throws -> Void)? = nil
  ) {
    site = data.name
    self.data = data
    self.plan = plan
    self.pool = pool
    self.folder = folder
    self.keepModel = keepModel
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
    let clock = ProgressLine.now
    let trainer = trainer(seed: request.seed)
    let steps =
      switch request.budget {
      case .localEpochs(let epochs): trainer.steps(epochs: Int(epochs))
      case .localSteps(let steps): Int(steps)
      case nil: 0
      }
    guard steps > 0 else {
      return try codec.seal(WireRefusal("the request asks for no steps"), round: round)
    }
    let outcome = try trainer.train(
      from: start, round: round, steps: steps, totalSteps: steps * Int(request.totalRounds),
      keepOptimizerState: request.keepOptimizerState)
    guard let outcome else {
      return try codec.seal(WireRefusal("asked to stop", interrupted: true), round: round)
    }
    var update = WireModelUpdate()
    update.delta = WireWeights(ranges: ranges, values: zip(outcome.weights, start).map { $0 - $1 })
    update.cases = UInt64(data.split.training.count)
    update.steps = UInt64(outcome.steps)
    update.meanLoss = outcome.meanLoss
    update.seconds = ProgressLine.now - clock
    return try codec.seal(update, round: round)
  }

  private func trainer(seed: UInt64) -> Trainer {
    if let trainer { return trainer }
    let cases = data.split.training.map {
      TrainingCase(data.cases[$0].harmonized, labelValues: plan.labelValues)
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
      return try codec.seal(WireRefusal("asked to stop", interrupted: true), round: round)
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
