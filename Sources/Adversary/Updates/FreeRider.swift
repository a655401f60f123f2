import FederationProtocol
import Foundations
import Site
import Training

/// What a site that does not train claims of itself, so that it looks as if it did.
package struct FreeRiderFacts: Sendable {
  /// Training cases, as the site describes itself.
  let cases: Int
  let voxels: Int
  let batch: Int
  /// FedNova's normaliser for steps of a round and steps of the whole run.
  let normaliser: @Sendable (_ round: Int, _ steps: Int, _ totalSteps: Int) -> Double?

  package init(
    cases: Int, voxels: Int, batch: Int,
    normaliser: @escaping @Sendable (_ round: Int, _ steps: Int, _ totalSteps: Int) -> Double?
  ) {
    (self.cases, self.voxels, self.batch, self.normaliser) = (cases, voxels, batch, normaliser)
  }

  package init(_ data: SiteCases, plan: TrainingPlan) {
    self.init(
      cases: data.split.training.count, voxels: data.trainingVoxels, batch: plan.batch,
      normaliser: plan.normaliser(round:steps:totalSteps:))
  }

  func steps(_ request: WireTrainRequest) -> Int {
    switch request.budget {
    case .localSteps(let steps): Int(steps)
    // As a trainer counts them: one patch a case.
    case .localEpochs(let epochs): max(1, (Int(epochs) * cases + batch - 1) / batch)
    case nil: 0
    }
  }
}

/// A site that takes the model and gives nothing (Lin et al., arXiv 1911.12560; Fraboni et al., arXiv 2006.11901).
///
/// With D = wₜ − wₜ₋₁, the last step of the models that it was sent, it answers δ·D plus normal noise of deviation
/// σ·rms(D), and nothing but zeros in its first round: δ = 1 is Lin's delta weights, δ = 0 Fraboni's disguised free rider.
/// Cases, voxels and steps are the site's own, the losses are made up: 1.5/√round above the least one.
///
/// It never trains, so it keeps nothing for itself from round to round: where a strategy asks for that it goes on with the
/// model. Fine-tuning in the end it does, for its own good.
package actor FreeRider: WatchedConnection {
  package nonisolated let site: String
  private let base: any SiteConnection
  private let codec: EnvelopeCodec
  private let (sigma, delta): (Double, Double)
  private let seed: UInt64
  private let facts: FreeRiderFacts
  private var memory: RoundMemory

  package init(
    _ base: any SiteConnection, identity: RunIdentity, sigma: Double, delta: Double, seed: UInt64,
    facts: FreeRiderFacts, memory: RoundMemory
  ) {
    site = base.site
    self.base = base
    codec = EnvelopeCodec(identity: identity, site: base.site)
    (self.sigma, self.delta) = (sigma, delta)
    self.seed = seed
    self.facts = facts
    self.memory = memory
  }

  package func exchange(
    _ message: [UInt8], started: @escaping @Sendable () -> Void
  ) async throws -> [UInt8] {
    let (round, request) = try codec.openRequest(message)
    switch request {
    case .train(var request) where request.fineTune:
      return try await passOn(message, round, started) {
        request.lastRound = 0
        return try codec.seal(request, round: round)
      }
    case .evaluate(var request) where request.lastRound > 0:
      return try await passOn(message, round, started) {
        request.lastRound = 0
        return try codec.seal(request, round: round)
      }
    case .train(let request):
      started()
      return try answer(request, round: round)
    default: return try await base.exchange(message, started: started)
    }
  }

  /// What the site itself answers; where it has lost what it never had, to the `other` request.
  private func passOn(
    _ message: [UInt8], _ round: Int, _ started: @escaping @Sendable () -> Void,
    _ other: () throws -> [UInt8]
  ) async throws -> [UInt8] {
    let answer = try await base.exchange(message, started: started)
    let refusal = try? codec.open(answer, as: WireRefusal.self, round: round)
    guard refusal?.code == .stateLost else { return answer }
    return try await base.exchange(try other())
  }

  private func answer(_ request: WireTrainRequest, round: Int) throws -> [UInt8] {
    let ranges = request.model.tensorRanges
    let model = try request.model.values(expecting: ranges, site: site, round: round)
    let last = try memory.last(before: round, count: model.count)
    if last == nil && request.lastRound > 0 {
      let reason = "it does not know the model of an earlier round than \(round)"
      return try codec.seal(WireRefusal(reason, code: .stateLost), round: round)
    }
    try memory.keep(model, of: round)
    let step = last.map { last in zip(model, last).map { $0 - $1 } } ?? model.map { _ in 0 }
    let deviation = sigma * UpdateChange.rootMeanSquare(step)
    var noise = UpdateNoise(site: site, round: round, seed: seed)
    var update = claims(request, round: round)
    update.delta = WireWeights(
      ranges: ranges, values: step.map { Float(delta * Double($0) + deviation * noise.normal()) })
    if request.rule.correction == .scaffold {
      update.controlDelta = WireWeights(ranges: ranges, values: [Float](repeating: 0, count: model.count))
    }
    return try codec.seal(update, round: round)
  }

  private func claims(_ request: WireTrainRequest, round: Int) -> WireModelUpdate {
    let steps = facts.steps(request)
    let aboveLeast = 1.5 / Double(max(1, round)).squareRoot()
    var update = WireModelUpdate()
    update.cases = UInt64(facts.cases)
    update.voxels = UInt64(facts.voxels)
    update.steps = UInt64(steps)
    // Cross-entropy minus Dice is -1 at its best.
    update.meanLoss = aboveLeast - 1
    if request.rule.startLoss { update.startLoss = aboveLeast }
    if request.rule.normaliser {
      update.normaliser =
        facts.normaliser(round, steps, steps * Int(request.totalRounds)) ?? Double(steps)
    }
    return update
  }
}
