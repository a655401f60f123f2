import NeuralNetwork

/// What a site's training keeps from step to step, and from round to round where momentum is kept.
///
/// Random numbers need no state, nor does the schedule: both follow from round and step.
package struct TrainerState: Sendable, Equatable {
  package let optimizer: OptimizerState
  /// Nil where the plan asks for no average; it begins anew with each round.
  package let average: WeightAverageState?

  package init(optimizer: OptimizerState, average: WeightAverageState? = nil) {
    (self.optimizer, self.average) = (optimizer, average)
  }

  /// Its numbers, for a file: the same order and sizes for all states of a plan.
  package var buffers: [[Float]] { optimizer.moments + (average.map { [$0.values] } ?? []) }

  /// Its counts, for a file.
  package var counts: [Int] { [optimizer.steps] + (average.map { [$0.steps] } ?? []) }

  /// A state from a file; nil where counts or sizes are not those of `other`, a state of the same plan.
  package init?(counts: [Int], buffers: [[Float]], like other: TrainerState) {
    guard counts.count == other.counts.count, counts.allSatisfy({ $0 >= 0 }),
      buffers.map(\.count) == other.buffers.map(\.count)
    else { return nil }
    let moments = other.optimizer.moments.count
    self.init(
      optimizer: OptimizerState(steps: counts[0], moments: Array(buffers[..<moments])),
      average: other.average.map { _ in WeightAverageState(steps: counts[1], values: buffers[moments]) })
  }
}

/// A round of training that is under way at a site: all that its other steps depend on.
package struct RoundState: Sendable, Equatable {
  /// Steps of the round that are done.
  package let step: Int
  /// Sum of their losses.
  package let lossSum: Double
  /// All parameters, in the layout's order.
  package let weights: [Float]
  package let trainer: TrainerState

  package init(step: Int, lossSum: Double, weights: [Float], trainer: TrainerState) {
    self.step = step
    self.lossSum = lossSum
    self.weights = weights
    self.trainer = trainer
  }
}

/// After how many steps of a round its state is given to whom.
package struct RoundCheckpoints {
  let interval: Int
  let write: (RoundState) throws -> Void

  package init(every interval: Int, write: @escaping (RoundState) throws -> Void) {
    precondition(interval >= 1, "a checkpoint each \(interval) steps")
    self.interval = interval
    self.write = write
  }
}
