import NeuralNetwork

/// What a trainer remembers from step to step, apart from the weights.
package struct TrainerState: Sendable, Equatable {
  package var optimizer: OptimizerState
  /// Nil where the plan asks for no average; it begins anew with each round.
  package var average: WeightAverageState?

  package init(optimizer: OptimizerState, average: WeightAverageState? = nil) {
    (self.optimizer, self.average) = (optimizer, average)
  }
}
