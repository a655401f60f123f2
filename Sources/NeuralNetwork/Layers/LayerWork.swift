import Tensor

/// What one pass of a layer has to do, for reports: multiply-adds asked for and made, and bytes that must move.
package struct LayerWork: Sendable, Equatable {
  package let layer: String
  /// As observers are told of it.
  package let pass: ConvolutionPass
  /// Whether the pass computes both gradients at once.
  package let isWholeBackward: Bool
  /// The strategy's name with its tile; nil where there is nothing to choose.
  package let strategy: String?
  /// What the definition asks for.
  package let definedMultiplyAdds: Int
  /// What the layer's matrix products compute.
  package let madeMultiplyAdds: Int
  /// Activations, gradients and weights, each read or written once, in bytes.
  package let bytes: Int

  /// `values` counts what moves in Float32 values.
  package init(
    _ layer: String, _ pass: ConvolutionPass, isWholeBackward: Bool = false, strategy: String? = nil,
    defined: Int = 0, made: Int = 0, values: Int
  ) {
    self.layer = layer
    self.pass = pass
    self.isWholeBackward = isWholeBackward
    self.strategy = strategy
    definedMultiplyAdds = defined
    madeMultiplyAdds = made
    bytes = values * MemoryLayout<Float>.stride
  }
}

extension ConvolutionLayer {
  func work(isTraining: Bool) -> [LayerWork] {
    let shape = convolution.shape
    let (x, y, w) = (shape.input.count, shape.output.count, shape.weightCount)
    let forward = LayerWork(
      name, .forward, strategy: convolution.forward.name, defined: shape.multiplyAdds,
      made: convolution.forward.multiplyAdds, values: x + w + y)
    guard isTraining else { return [forward] }
    // Where a normalisation followed, its output is read and the gradient written back.
    let weights = LayerWork(
      name, .weightGradient, strategy: convolution.weightGradient.name, defined: shape.multiplyAdds,
      made: convolution.weightGradient.multiplyAdds, values: x + (norm == nil ? y : 3 * y) + w)
    if inputGradient == .none { return [forward, weights] }
    // The input itself is read for the sums of the normalisation before it.
    let tensors =
      1 + (inputGradient.isAdding ? 1 : 0) + (input.finishedNorm(inputGradient) == nil ? 0 : 1)
    let input = LayerWork(
      name, .inputGradient, strategy: convolution.inputGradient.name, defined: shape.multiplyAdds,
      made: convolution.inputGradient.multiplyAdds, values: y + w + tensors * x)
    return [forward, weights, input]
  }
}

extension TransposedConvolutionLayer {
  func work(isTraining: Bool) -> [LayerWork] {
    let (coarse, fine) = (input.shape.channels, output.shape.channels)
    let (x, y, w) = (input.shape.count, output.shape.count, step.product * coarse * fine)
    let defined = input.shape.rows * w
    let rows = input.shape.rows * step.product
    let forward = LayerWork(
      name, .forward, defined: defined, made: rows * coarse * lanes(fine), values: x + w + y)
    guard isTraining else { return [forward] }
    let backward = LayerWork(
      name, .inputGradient, isWholeBackward: true, defined: 2 * defined,
      made: 2 * rows * fine * lanes(coarse),
      values: y + 2 * x + 2 * w)
    return [forward, backward]
  }
}

extension AveragePoolLayer {
  func work(isTraining: Bool) -> [LayerWork] {
    let (x, y) = (input.shape.count, output.shape.count)
    let forward = LayerWork(name, .forward, values: x + y)
    guard isTraining else { return [forward] }
    return [
      forward, LayerWork(name, .inputGradient, isWholeBackward: true, values: y + (isAdding ? 2 : 1) * x),
    ]
  }
}

extension ResidualSumLayer {
  func work(isTraining: Bool) -> [LayerWork] {
    let y = output.shape.count
    let forward = LayerWork(name, .forward, values: 3 * y)
    guard isTraining else { return [forward] }
    // The output, the main path's feature and the gradient are read; the gradient is written for both paths.
    let tensors = 5 + (skipGradient.isAdding ? 1 : 0) + (skip.finishedNorm(skipGradient) == nil ? 0 : 1)
    return [forward, LayerWork(name, .inputGradient, isWholeBackward: true, values: tensors * y)]
  }
}

extension FeatureTapLayer {
  func work(isTraining: Bool) -> [LayerWork] {
    let values = 2 * input.shape.count
    let forward = LayerWork(name, .forward, values: values)
    return isTraining
      ? [forward, LayerWork(name, .inputGradient, isWholeBackward: true, values: values)] : [forward]
  }
}

extension MaxPoolLayer {
  func work(isTraining: Bool) -> [LayerWork] {
    let (x, y) = (input.shape.count, output.shape.count)
    let forward = LayerWork(name, .forward, values: x + y)
    guard isTraining else { return [forward] }
    let gradients = inputGradient.isAdding ? 2 : 1
    return [forward, LayerWork(name, .inputGradient, isWholeBackward: true, values: y + (1 + gradients) * x)]
  }
}
