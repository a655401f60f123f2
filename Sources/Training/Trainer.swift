import Foundations
import NeuralNetwork
import Tensor

/// What a stretch of local training came to.
package struct TrainingOutcome: Sendable {
  /// All parameters, in the layout's order.
  package let weights: [Float]
  package let steps: Int
  /// Mean of the batches' losses.
  package let meanLoss: Double
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
  /// The site's own steps so far, which its learning rate follows.
  private var stepsTaken = 0

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

  /// Trains from `weights`; `totalSteps` is what the site will take in the whole run, for the schedule.
  ///
  /// Returns nil if the user asked to stop meanwhile. Throws `NetworkError`.
  package func train(
    from weights: [Float], round: Int, steps: Int, totalSteps: Int, keepOptimizerState: Bool
  ) throws -> TrainingOutcome? {
    if !keepOptimizerState { optimizer.reset() }
    let parameters = FloatBuffer(weights)
    let gradients = FloatBuffer(count: weights.count)
    return try pool.withNetwork(batch: plan.batch, patch: plan.patchAxes, isTraining: true) { network in
      var targets = [UInt8](repeating: 0, count: network.outputShape.rows)
      var total = 0.0
      return pipeline.run(round: round, steps: steps) { batches in
        for _ in 0..<steps {
          if Interruption.isRequested { return nil }
          batches.takeNext(image: network.input, targets: &targets)
          total += trainStep(
            network, parameters: parameters, gradients: gradients, targets: targets,
            rate: Float(plan.learningRate(step: stepsTaken, totalSteps: totalSteps)))
          stepsTaken += 1
        }
        return TrainingOutcome(
          weights: parameters.values, steps: steps, meanLoss: total / Double(max(1, steps)))
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
