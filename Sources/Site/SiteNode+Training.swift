import FederationProtocol
import Foundation
import Foundations
import Interchange
import Training

/// A request of training, checked.
private struct TrainingRequest {
  let round: Int
  let start: [Float]
  let steps: Int
  let schedule: RoundSchedule
  let keepsTrainer: Bool
  let fineTunes: Bool
  let lastRound: Int
  let correction: WireCorrection
  let proximal: Double
  /// SCAFFOLD's c.
  let control: [Float]
  let personal: Set<String>
  let ditto: Double?
  let wantsStartLoss: Bool
  let wantsNormaliser: Bool

  /// Whether anything is carried over from the site's last round.
  var carries: Bool {
    keepsTrainer || correction != .unspecified || !personal.isEmpty || ditto != nil || fineTunes
  }
}

/// What a round of training came to at the site.
private struct TrainedSite {
  let outcome: TrainingOutcome
  let state: SiteState
  let seconds: Double
}

extension SiteNode {
  /// Answers a request of training with the update; what is the site's own stays in its checkpoints.
  func train(_ wire: WireTrainRequest, round: Int) throws -> [UInt8] {
    guard !data.split.training.isEmpty else { throw SiteError.request("the site has no training cases") }
    let trainer = try trainer(seed: wire.seed)
    let request = try checked(wire, round: round, trainer: trainer)
    let carried =
      request.carries && request.lastRound > 0
      ? try state(after: request.lastRound, like: trainer.state) : .none
    guard let trained = try train(trainer, request, carried) else {
      return try codec.seal(WireRefusal("asked to stop", code: .interrupted), round: round)
    }
    return try codec.seal(try update(request, trained, carried, trainer), round: round)
  }

  /// What the site had at the end of a round; `like` is a state of its trainer, where that is asked for too.
  func state(after round: Int, like other: TrainerState?) throws -> SiteState {
    if let state = ended.last(where: { $0.round == round })?.state { return state }
    guard let checkpoints else { throw SiteError.stateLost(folder: nil, round: round) }
    return try checkpoints.state(after: round, like: other)
  }

  private func checked(
    _ wire: WireTrainRequest, round: Int, trainer: Trainer
  ) throws -> TrainingRequest {
    let rule = wire.rule
    let steps =
      switch wire.budget {
      case .localEpochs(let epochs): trainer.steps(epochs: Int(epochs))
      case .localSteps(let steps): Int(steps)
      case nil: 0
      }
    guard steps > 0 else { throw SiteError.request("the request asks for no steps") }
    for (name, value) in [("mu", rule.proximal), ("lambda", rule.ditto)] {
      guard (0...1e6).contains(value) else {
        throw SiteError.request("it cannot train with \(name) \(value)")
      }
    }
    if case .UNRECOGNIZED(let number) = rule.correction {
      throw SiteError.request("it does not know correction \(number)")
    }
    if let unknown = rule.personal.first(where: { name in !ranges.contains { $0.name == name } }) {
      throw SiteError.request("its network has no tensor \(unknown.prefix(80))")
    }
    return TrainingRequest(
      round: round, start: try wire.model.values(expecting: ranges, site: site, round: round), steps: steps,
      schedule: wire.fineTune
        ? .fineTuning(round: round) : .round(round, totalSteps: steps * Int(wire.totalRounds)),
      keepsTrainer: wire.keepOptimizerState && !wire.fineTune, fineTunes: wire.fineTune,
      lastRound: Int(wire.lastRound), correction: wire.fineTune ? .unspecified : rule.correction,
      proximal: wire.fineTune ? 0 : rule.proximal,
      control: rule.correction == .scaffold
        ? try rule.control.values(expecting: ranges, site: site, round: round) : [],
      personal: Set(rule.personal), ditto: rule.hasDitto && !wire.fineTune ? rule.ditto : nil,
      wantsStartLoss: rule.startLoss, wantsNormaliser: rule.normaliser)
  }

  /// Trains a round, from where an earlier process had come; nil if asked to stop.
  private func train(
    _ trainer: Trainer, _ request: TrainingRequest, _ carried: SiteState
  ) throws -> TrainedSite? {
    let clock = ProgressLine.now
    let start = request.ditto == nil ? carried.overlaid(on: request.start, ranges) : request.start
    let task = SiteCheckpoints.Task(
      round: request.round, steps: request.steps, lastRound: request.lastRound,
      startDigest: checkpoints == nil ? "" : Digest.sha256Hex(FloatBytes.data(request.start)))
    var before = 0.0
    var started: RoundState?
    // What this process has begun and not ended, it has not begun before.
    if ended.isEmpty || ended.contains(where: { $0.round >= request.round }) {
      switch try checkpoints?.start(task, like: trainer.state) ?? .fresh {
      case .fresh: break
      case .within(let state, let seconds): (started, before) = (state, seconds)
      case .done(let outcome, let state, let seconds):
        return ended(TrainedSite(outcome: outcome, state: state, seconds: seconds), request)
      }
    }
    let writing = checkpoints.map { checkpoints in
      RoundCheckpoints(every: checkpoints.interval) {
        try checkpoints.write($0, of: task, seconds: before + ProgressLine.now - clock)
      }
    }
    if request.keepsTrainer, let kept = carried.trainer {
      trainer.restore(kept)
    } else if request.keepsTrainer && request.lastRound > 0 {
      throw SiteError.stateLost(folder: nil, round: request.lastRound)
    }
    let outcome = try trainer.train(
      from: start, request.schedule, steps: request.steps,
      keepOptimizerState: request.keepsTrainer && carried.trainer != nil, rule: rule(request, carried),
      started: started, checkpoints: writing)
    guard let outcome else { return nil }
    guard let state = try stateBehind(outcome, trainer, request, carried, from: start) else { return nil }
    let seconds = before + ProgressLine.now - clock
    try checkpoints?.write(outcome, state, of: task, seconds: seconds)
    return ended(TrainedSite(outcome: outcome, state: state, seconds: seconds), request)
  }

  private func ended(_ trained: TrainedSite, _ request: TrainingRequest) -> TrainedSite {
    ended.removeAll { $0.round >= request.round }
    ended = ended.suffix(1) + [(request.round, checkpoints == nil ? trained.state : nil)]
    return trained
  }

  private func rule(_ request: TrainingRequest, _ carried: SiteState) -> LocalRule {
    let linear: [Float]?
    switch request.correction {
    case .scaffold:
      linear = carried.control.map { own in zip(request.control, own).map { $0 - $1 } } ?? request.control
    case .feddyn: linear = carried.control.map { own in own.map { -$0 } }
    default: linear = nil
    }
    return LocalRule(proximal: request.proximal, linear: linear)
  }

  /// What the site goes on with behind a round; nil if asked to stop.
  private func stateBehind(
    _ outcome: TrainingOutcome, _ trainer: Trainer, _ request: TrainingRequest, _ carried: SiteState,
    from start: [Float]
  ) throws -> SiteState? {
    var state = SiteState.none
    if request.keepsTrainer { state.trainer = trainer.state }
    state.control = control(behind: outcome, request, carried, from: start)
    if request.fineTunes {
      state.personal = SiteState.tensors(Set(ranges.map(\.name)), of: outcome.weights, ranges)
    } else if !request.personal.isEmpty {
      state.personal = SiteState.tensors(request.personal, of: outcome.weights, ranges)
    } else if let hold = request.ditto {
      // The same batches again, from the site's own model, held to the round's start.
      let own = try trainer.train(
        from: carried.overlaid(on: request.start, ranges), request.schedule, steps: request.steps,
        keepOptimizerState: false, rule: LocalRule(proximal: hold, anchor: request.start))
      guard let own else { return nil }
      state.personal = SiteState.tensors(Set(ranges.map(\.name)), of: own.weights, ranges)
    }
    return state
  }

  private func control(
    behind outcome: TrainingOutcome, _ request: TrainingRequest, _ carried: SiteState, from start: [Float]
  ) -> [Float]? {
    let own = carried.control ?? [Float](repeating: 0, count: start.count)
    switch request.correction {
    case .scaffold:
      let distance = Float(plan.rates(request.schedule, steps: request.steps).reduce(0, +))
      return start.indices.map {
        own[$0] - request.control[$0] + (start[$0] - outcome.weights[$0]) / distance
      }
    case .feddyn:
      let alpha = Float(request.proximal)
      return start.indices.map { own[$0] - alpha * (outcome.weights[$0] - start[$0]) }
    default: return nil
    }
  }

  private func update(
    _ request: TrainingRequest, _ trained: TrainedSite, _ carried: SiteState, _ trainer: Trainer
  ) throws -> WireModelUpdate {
    let outcome = trained.outcome
    var update = WireModelUpdate()
    update.cases = UInt64(data.split.training.count)
    update.steps = UInt64(outcome.steps)
    update.meanLoss = outcome.meanLoss
    update.seconds = trained.seconds
    update.voxels = UInt64(data.trainingVoxels)
    if request.fineTunes { return update }
    update.delta = WireWeights(ranges: ranges, values: zip(outcome.weights, request.start).map { $0 - $1 })
    if request.wantsStartLoss {
      let start = carried.overlaid(on: request.start, ranges)
      // Cross-entropy minus Dice is -1 at its best.
      let loss = try trainer.loss(of: start, round: request.round, steps: request.steps)
      update.startLoss = max(0, 1 + loss)
    }
    if request.wantsNormaliser {
      guard let normaliser = plan.normaliser(plan.rates(request.schedule, steps: request.steps)) else {
        throw SiteError.request("it has no normaliser for the optimizer \(plan.optimizer.name.rawValue)")
      }
      update.normaliser = normaliser
    }
    if request.correction == .scaffold, let control = trained.state.control {
      let old = carried.control ?? [Float](repeating: 0, count: control.count)
      update.controlDelta = WireWeights(ranges: ranges, values: zip(control, old).map { $0 - $1 })
    }
    return update
  }
}
