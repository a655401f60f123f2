import Tensor

/// The shape of a convolution: input, kernel, stride and zero padding, all channels last.
///
/// Weights lie as `(kernel depth, kernel height, kernel width, input channels, output channels)`.
package struct ConvolutionShape: Sendable, Hashable {
  package let input: TensorShape
  package let outputChannels: Int
  package let kernel: Axes
  package let stride: Axes
  package let padding: Axes

  package init(
    input: TensorShape, outputChannels: Int, kernel: Axes, stride: Axes = .one, padding: Axes
  ) {
    self.input = input
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    precondition(
      outputGrid.depth > 0 && outputGrid.height > 0 && outputGrid.width > 0,
      "the kernel does not fit into the padded input")
  }

  /// Extents of the output along depth, height, width.
  package var outputGrid: Axes {
    Axes(
      (input.depth + 2 * padding.depth - kernel.depth) / stride.depth + 1,
      (input.height + 2 * padding.height - kernel.height) / stride.height + 1,
      (input.width + 2 * padding.width - kernel.width) / stride.width + 1)
  }

  package var output: TensorShape { input.with(grid: outputGrid, channels: outputChannels) }

  /// Number of weights.
  package var weightCount: Int { kernel.product * input.channels * outputChannels }

  /// Multiply-adds that each pass' definition asks for, taps in the padding counted.
  package var multiplyAdds: Int { output.rows * weightCount }
}
