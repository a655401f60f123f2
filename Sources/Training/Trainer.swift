import Foundations
import NeuralNetwork
import Tensor

/// What a stretch of local training came to.
package struct TrainingOutcome: Sendable {
  /// All parameters, in the layout's order: the last step's, or their average where the plan asks for one.
  package let weights: [Float]
  package let steps: Int
  /// Sum of the batches' losses.
  package let lossSum: Double

  /// Mean of the batches' losses.
  package var meanLoss: Double { lossSum / Double(max(1, steps)) }

  package init(weights: [Float], steps: Int, lossSum: Double) {
    self.weights = weights
    self.steps = steps
    self.lossSum = lossSum
  }
}

/// Trains a network on one site's cases, round after round.
///
/// Not thread-safe: a site trains one round at a time.
package final class Trainer {
  private let plan: TrainingPlan
  private let site: String
  private let sampler: PatchSampler
  private let pipeline: BatchPipeline
  private let pool: NetworkPool
  private let caseCount: Int
  private let optimizer: Optimizer
  private let average: WeightAverage?
  private let lossSettings: LossSettings
  private let observer: StepProgress.Observer?

  package init(
    plan: TrainingPlan, cases: [TrainingCase], site: String, seed: UInt64, pool: NetworkPool,
    observer: StepProgress.Observer? = nil
  ) {
    self.plan = plan
    self.observer = observer
    self.site = site
    self.pool = pool
    caseCount = cases.count
    sampler = PatchSampler(plan: plan, cases: cases, site: site, seed: seed)
    pipeline = BatchPipeline(sampler: sampler, batch: plan.batch)
    let count = plan.architecture.parameterLayout.count
    let clip = plan.optimizer.gradientClip
    optimizer = Optimizer(plan.optimizerKind, count: count, clipNorm: clip == 0 ? .infinity : clip)
    average = plan.optimizer.average.map { WeightAverage(decay: $0, count: count) }
    lossSettings = plan.lossSettings(for: cases)
  }

  /// What goes over from round to round.
  package var state: TrainerState { TrainerState(optimizer: optimizer.state, average: average?.state) }

  /// Goes on from the state that a trainer of the same plan had.
  package func restore(_ state: TrainerState) {
    optimizer.restore(state.optimizer)
    if let average, let kept = state.average { average.restore(kept) }
  }

  /// Batches that make `epochs` passes over the site's cases, one patch a case.
  package func steps(epochs: Int) -> Int {
    max(1, (epochs * caseCount + plan.batch - 1) / plan.batch)
  }

  /// Mean loss of `weights` over as many batches as pass over the site's cases once, at most `steps`: the first ones that a round
  /// trains on. Throws `NetworkError`.
  package func loss(of weights: [Float], round: Int, steps: Int) throws -> Double {
    let batches = min(steps, self.steps(epochs: 1))
    let parameters = FloatBuffer(weights)
    return try pool.withNetwork(batch: plan.batch, patch: plan.patchAxes, isTraining: true) { network in
      let loss = DeepSupervision(lossSettings, of: network)
      var targets = [UInt8](repeating: 0, count: network.outputShape.rows)
      return pipeline.run(round: round, steps: batches) { supply in
        var total = 0.0
        for _ in 0..<batches {
          supply.takeNext(image: network.input, targets: &targets)
          network.forward(parameters: parameters)
          total += loss.evaluate(targets: targets, loop: pool.loop)
        }
        return total / Double(batches)
      }
    }
  }

  /// Trains from `weights` for a round (from 1).
  ///
  /// `started` is the round's training as an earlier process left it: it goes on from there. After each interval of
  /// `checkpoints`, but the round's end, the state is given to it.
  /// Returns nil if the user asked to stop meanwhile. Throws `NetworkError`, what writing checkpoints throws, and
  /// `TrainingError.diverged` before anything that is not finite becomes a weight.
  package func train(
    from weights: [Float], _ schedule: RoundSchedule, steps: Int, keepOptimizerState: Bool,
    rule: LocalRule = .none, started: RoundState? = nil, checkpoints: RoundCheckpoints? = nil
  ) throws -> TrainingOutcome? {
    if let started {
      restore(started.trainer)
    } else {
      if !keepOptimizerState { optimizer.reset() }
      average?.reset()
    }
    let parameters = FloatBuffer(started?.weights ?? weights)
    let first = started?.step ?? 0
    let round = schedule.round
    let rates = plan.rates(schedule, steps: steps)
    return try pool.withNetwork(batch: plan.batch, patch: plan.patchAxes, isTraining: true) { network in
      let step = TrainingStep(
        network, parameters: parameters, loss: lossSettings, optimizer: optimizer,
        local: LocalGradient(rule, start: weights), loop: pool.loop)
      var targets = [UInt8](repeating: 0, count: network.outputShape.rows)
      var total = started?.lossSum ?? 0
      return try pipeline.run(round: round, from: first, steps: steps) { batches -> TrainingOutcome? in
        for index in first..<steps {
          if Interruption.isRequested { return nil }
          batches.takeNext(image: network.input, targets: &targets)
          do throws(NotFinite) {
            total += try step.take(targets: targets, rate: Float(rates[index]))
          } catch {
            throw diverged(round, index, error.quantity)
          }
          average?.add(parameters, loop: pool.loop)
          observer?(
            StepProgress(
              site: site, round: round, step: index + 1, steps: steps,
              meanLoss: total / Double(index + 1)))
          if let checkpoints, (index + 1) % checkpoints.interval == 0, index + 1 < steps {
            try checkpoints.write(
              RoundState(step: index + 1, lossSum: total, weights: parameters.values, trainer: state))
          }
        }
        let result = average?.values ?? parameters.values
        guard result.allSatisfy(\.isFinite) else {
          throw diverged(round, steps - 1, .weights)
        }
        return TrainingOutcome(weights: result, steps: steps, lossSum: total)
      }
    }
  }

  /// What stops the run at a step, with its cases.
  private func diverged(_ round: Int, _ step: Int, _ quantity: TrainingError.Quantity) -> TrainingError {
    .diverged(
      site: site, round: round, step: step + 1, quantity: quantity,
      cases: sampler.caseNames(round: round, step: step, samples: plan.batch))
  }
}
