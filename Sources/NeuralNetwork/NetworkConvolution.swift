import Tensor

/// A convolution of a network, and the passes that are made of it.
package struct NetworkConvolution: Sendable {
  /// As the network names it, such as `encoder.0.1`.
  package let layer: String
  package let shape: ConvolutionShape
  /// Forward alone for inference; no input gradient for the network's first layer.
  package let passes: [ConvolutionPass]
}

extension UNetArchitecture {
  /// The convolutions of a network in the order in which they run; takes no memory for activations.
  ///
  /// `patch` is (depth, height, width). Throws `NetworkError`.
  package func convolutions(batch: Int, patch: Axes, isTraining: Bool) throws -> [NetworkConvolution] {
    try validate(patch: patch)
    let shape = TensorShape(
      batch: batch, depth: patch.depth, height: patch.height, width: patch.width, channels: inputChannels)
    let built = UNetBuilder(self, inputShape: shape, isTraining: isTraining, choice: ConvolutionChoice())
    return built.layers.compactMap { layer in
      guard let layer = layer as? ConvolutionLayer else { return nil }
      let passes = ConvolutionPass.allCases.filter { pass in
        switch pass {
        case .forward: true
        case .weightGradient: isTraining
        case .inputGradient: isTraining && layer.inputGradient != .none
        }
      }
      return NetworkConvolution(layer: layer.name, shape: layer.convolution.shape, passes: passes)
    }
  }
}
