import Tensor

/// Convolution in 2D and 3D: forward, input gradient and weight gradient, each by its own strategy.
///
/// Tensors are `(batch, depth, height, width, channels)`, weights
/// `(kernel depth, kernel height, kernel width, input channels, output channels)`.
package struct Convolution: Sendable {
  package let shape: ConvolutionShape
  /// output ← input ∗ weights.
  package let forward: any DataStrategy
  /// input gradient ← the adjoint of `forward` applied to the output's gradient.
  package let inputGradient: any DataStrategy
  /// weight gradient ← Σ over voxels of input · output gradient.
  package let weightGradient: any WeightStrategy

  package init(_ shape: ConvolutionShape, choice: ConvolutionChoice = ConvolutionChoice()) {
    self.shape = shape
    forward = choice.data(shape, isInputGradient: false)
    inputGradient = choice.data(shape, isInputGradient: true)
    weightGradient = choice.weights(shape)
  }

  /// Scratch that the passes need; sums for the larger of the data passes.
  package func demand(isTraining: Bool) -> Workspace.Demand {
    var demand = forward.demand
    demand.sums = forward.piecesPerSample * shape.input.batch * 2 * shape.outputChannels
    if isTraining {
      demand.include(inputGradient.demand)
      demand.include(weightGradient.demand)
      demand.include(
        Workspace.Demand(sums: inputGradient.piecesPerSample * shape.input.batch * 2 * shape.input.channels))
    }
    return demand
  }
}
