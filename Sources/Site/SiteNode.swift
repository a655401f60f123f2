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
  private let notify: @Sendable (String) -> Void
  private var trainer: Trainer?

  /// `keepModel` is given the weights that were tested, so that the site can predict without the coordinator. `notify` is told
  /// what only people at the site may read, such as the names of cases.
  package init(
    _ data: SiteCases, plan: TrainingPlan, identity: RunIdentity, pool: NetworkPool, folder: String?,
    keepModel: (@Sendable ([Float]) throws -> Void)? = nil,
    notify: @escaping @Sendable (String) -> Void = { StandardStream.error.write("\($0)\n") }
  ) {
    site = data.name
    self.data = data
    self.plan = plan
    self.pool = pool
    self.folder = folder
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
      case .landmarks, .atlas:
        return try codec.seal(WireRefusal("the site's scans are harmonised already"), round: round)
      }
    } catch let error as TrainingError {
      notify(error.siteNotice)
      return try codec.seal(WireRefusal(error.description), round: round)
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
    let part = request.part == .validation ? data.split.validation : data.split.test
    let indices = request.everyCase ? Array(data.cases.indices) : part
    guard let scores = try CaseScores.score(indices.map { data.cases[$0] }, predictor: predictor) else {
      return try codec.seal(WireRefusal("asked to stop", interrupted: true), round: round)
    }
    if request.part == .test, let folder {
      try AtomicFile.write(
        CaseScores.csv(scores, regions: plan.regions), to: folder + "/metrics.csv")
      try keepModel?(weights)
    }
    var wire = WireEvaluation()
    wire.part = request.part
    wire.cases = UInt32(scores.count)
    wire.seconds = ProgressLine.now - clock
    wire.regions = plan.regions.indices.map { index in
      Self.summary(plan.regions[index], scores.map { $0.dice[index] })
    }
    return try codec.seal(wire, round: round)
  }

  private static func summary(_ region: Region, _ dice: [Double]) -> WireRegionScore {
    var wire = WireRegionScore()
    wire.region = region.name
    let defined = dice.filter { !$0.isNaN }
    wire.cases = UInt32(defined.count)
    wire.undefined = UInt32(dice.count - defined.count)
    wire.mean = defined.isEmpty ? 0 : defined.reduce(0, +) / Double(defined.count)
    wire.minimum = defined.min() ?? 0
    return wire
  }
}

extension TrainingPlan {
  /// The parameters as the protocol names them.
  package var tensorRanges: [TensorRange] {
    architecture.parameterLayout.entries.map { TensorRange(name: $0.name, shape: $0.shape) }
  }
}
