import Foundations
import NeuralNetwork
import Tensor

/// What a stretch of local training came to.
package struct TrainingOutcome: Sendable {
  /// All parameters, in the layout's order.
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
  private let pipeline: BatchPipeline
  private let pool: NetworkPool
  private let caseCount: Int
  private let optimizer: Optimizer
  private let loss: DiceCrossEntropy

  package init(plan: TrainingPlan, cases: [TrainingCase], site: String, seed: UInt64, pool: NetworkPool) {
    self.plan = plan
    self.pool = pool
    caseCount = cases.count
    pipeline = BatchPipeline(
      sampler: PatchSampler(plan: plan, cases: cases, site: site, seed: seed), batch: plan.batch)
    optimizer = Optimizer(plan.optimizerKind, count: plan.architecture.parameterLayout.count)
    loss = DiceCrossEntropy(classes: plan.labels.count)
  }

  /// Batches that make `epochs` passes over the site's cases, one patch a case.
  package func steps(epochs: Int) -> Int {
    max(1, (epochs * caseCount + plan.batch - 1) / plan.batch)
  }

  package var state: TrainerState { TrainerState(optimizer: optimizer.state) }

  /// Goes on from a state that a trainer of the same plan had.
  package func restore(_ state: TrainerState) { optimizer.restore(state.optimizer) }

  /// Trains from `weights` for a round (from 1); `totalSteps` is what a site takes in the whole run, for the schedule.
  ///
  /// `started` is the round's training as an earlier process left it: it goes on from there. After each interval of
  /// `checkpoints`, but the round's end, the state is given to it.
  /// Returns nil if the user asked to stop meanwhile. Throws `NetworkError`, and what writing checkpoints throws.
  package func train(
    from weights: [Float], round: Int, steps: Int, totalSteps: Int, keepOptimizerState: Bool,
    started: RoundState? = nil, checkpoints: RoundCheckpoints? = nil
  ) throws -> TrainingOutcome? {
    if let started {
      restore(started.trainer)
    } else if !keepOptimizerState {
      optimizer.reset()
    }
    let parameters = FloatBuffer(started?.weights ?? weights)
    let gradients = FloatBuffer(count: weights.count)
    let first = started?.step ?? 0
    // The schedule's position follows from the round: a site that goes on after a crash needs no count of its own.
    let before = max(0, round - 1) * steps
    return try pool.withNetwork(batch: plan.batch, patch: plan.patchAxes, isTraining: true) { network in
      var targets = [UInt8](repeating: 0, count: network.outputShape.rows)
      var total = started?.lossSum ?? 0
      return try pipeline.run(round: round, from: first, steps: steps) { batches in
        for step in first..<steps {
          if Interruption.isRequested { return nil }
          batches.takeNext(image: network.input, targets: &targets)
          total += trainStep(
            network, parameters: parameters, gradients: gradients, targets: targets,
            rate: Float(plan.learningRate(step: before + step, totalSteps: totalSteps)))
          if let checkpoints, (step + 1) % checkpoints.interval == 0, step + 1 < steps {
            try checkpoints.write(
              RoundState(step: step + 1, lossSum: total, weights: parameters.values, trainer: state))
          }
        }
        return TrainingOutcome(weights: parameters.values, steps: steps, lossSum: total)
      }
    }
  }

  private func trainStep(
    _ network: UNet, parameters: FloatBuffer, gradients: FloatBuffer, targets: [UInt8], rate: Float
  ) -> Double {
    network.forward(parameters: parameters)
    let value = loss.evaluate(
      logits: network.output, targets: targets, rows: network.outputShape.rows,
      gradient: network.outputGradient, loop: pool.loop)
    network.backward(parameters: parameters, gradients: gradients)
    optimizer.step(parameters: parameters, gradients: gradients, rate: rate, loop: pool.loop)
    return value
  }
}
