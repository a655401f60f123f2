import Tensor

/// What an optimiser keeps from step to step.
package struct OptimizerState: Sendable, Equatable {
  /// Steps since the state was reset.
  package let steps: Int
  /// Numbers kept for each parameter, such as first and second moments; in the optimiser's order.
  package let moments: [[Float]]

  package init(steps: Int, moments: [[Float]]) {
    (self.steps, self.moments) = (steps, moments)
  }
}

extension Optimizer {
  package var state: OptimizerState { OptimizerState(steps: steps, moments: stateBuffers.map(\.values)) }

  /// Goes on from a state that an optimiser of the same kind and size had.
  package func restore(_ state: OptimizerState) {
    precondition(
      state.moments.map(\.count) == stateBuffers.map(\.count), "the state is of another optimiser")
    steps = state.steps
    for (buffer, values) in zip(stateBuffers, state.moments) { buffer.fill(from: values) }
  }
}
