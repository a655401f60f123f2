import Tensor

/// Builds the layers of a U-Net in the order in which they run, with their places in the arena.
struct UNetBuilder {
  let architecture: UNetArchitecture
  let isTraining: Bool
  private(set) var parameters = ParameterLayout()
  private(set) var arena = ArenaPlan()
  private(set) var layers: [any Layer] = []
  private(set) var input: Activation
  private(set) var output: Activation

  /// `inputShape` is (batch, depth, height, width, contrasts).
  init(_ architecture: UNetArchitecture, inputShape: TensorShape, isTraining: Bool) {
    self.architecture = architecture
    self.isTraining = isTraining
    let value = arena.reserve(inputShape.count)
    input = Activation(shape: inputShape, value: value, gradient: ArenaPlan.Place.none)
    output = input
    wire()
  }

  private mutating func wire() {
    var skips: [Activation] = []
    var x = input
    for (stage, width) in architecture.widths.enumerated() {
      for block in 0..<architecture.convolutionsPerStage {
        let isStepDown = stage > 0 && block == 0
        x = convolutionBlock(
          x, name: "encoder.\(stage).\(block)", width: width,
          stride: isStepDown ? architecture.stride : .one,
          // The skip connection's gradient is there already when the step down adds its own.
          gradient: stage == 0 && block == 0 ? .none : isStepDown ? .add : .write)
      }
      skips.append(x)
    }
    for stage in stride(from: architecture.widths.count - 2, through: 0, by: -1) {
      let width = architecture.widths[stage]
      let up = transposed(x, name: "decoder.\(stage).up", width: width)
      x = concatenation(up, skips[stage])
      for block in 0..<architecture.convolutionsPerStage {
        x = convolutionBlock(
          x, name: "decoder.\(stage).\(block)", width: width, stride: .one, gradient: .write)
      }
    }
    output = head(x)
  }

  private mutating func activation(_ shape: TensorShape) -> Activation {
    let value = arena.reserve(shape.count)
    return Activation(shape: shape, value: value, gradient: arena.reserve(isTraining ? shape.count : 0))
  }

  private mutating func convolutionBlock(
    _ x: Activation, name: String, width: Int, stride: Axes, gradient: InputGradient
  ) -> Activation {
    let shape = ConvolutionShape(
      input: x.shape, outputChannels: width, kernel: architecture.kernel, stride: stride,
      padding: architecture.padding)
    let output = activation(shape.output)
    // The normalisation turns its output's gradient into its input's in place.
    let linear = Activation(
      shape: shape.output, value: arena.reserve(shape.output.count), gradient: output.gradient)
    let weights = parameters.add(
      "\(name).conv.weight", shape: weightShape(shape),
      initial: .he(fanIn: shape.kernel.product * x.shape.channels))
    let gamma = parameters.add("\(name).norm.weight", shape: [width], initial: .constant(1))
    let beta = parameters.add("\(name).norm.bias", shape: [width], initial: .constant(0))
    layers.append(
      ConvolutionLayer(
        convolution: Convolution(shape), input: x, output: linear, weights: weights, bias: nil,
        inputGradient: gradient))
    layers.append(
      InstanceNormLayer(
        input: linear, output: output, gamma: gamma, beta: beta,
        statistics: arena.reserve(InstanceNormLayer.statisticsCount(output.shape))))
    return output
  }

  private mutating func transposed(_ x: Activation, name: String, width: Int) -> Activation {
    let step = architecture.stride
    let fine = x.shape.with(
      grid: Axes(
        x.shape.depth * step.depth, x.shape.height * step.height, x.shape.width * step.width),
      channels: width)
    let shape = ConvolutionShape(
      input: fine, outputChannels: x.shape.channels, kernel: step, stride: step,
      padding: Axes(0, 0, 0))
    let output = activation(fine)
    let weights = parameters.add(
      "\(name).weight", shape: weightShape(shape), initial: .he(fanIn: step.product * width))
    let bias = parameters.add("\(name).bias", shape: [width], initial: .constant(0))
    layers.append(
      TransposedConvolutionLayer(
        convolution: Convolution(shape), input: x, output: output, weights: weights, bias: bias))
    return output
  }

  private mutating func concatenation(_ first: Activation, _ second: Activation) -> Activation {
    let output = activation(first.shape.with(channels: first.shape.channels + second.shape.channels))
    layers.append(ConcatenationLayer(first: first, second: second, output: output))
    return output
  }

  private mutating func head(_ x: Activation) -> Activation {
    let shape = ConvolutionShape(
      input: x.shape, outputChannels: architecture.classes, kernel: .one, padding: Axes(0, 0, 0))
    let output = activation(shape.output)
    let weights = parameters.add(
      "head.weight", shape: weightShape(shape), initial: .he(fanIn: x.shape.channels))
    let bias = parameters.add("head.bias", shape: [architecture.classes], initial: .constant(0))
    layers.append(
      ConvolutionLayer(
        convolution: Convolution(shape), input: x, output: output, weights: weights, bias: bias,
        inputGradient: .write))
    return output
  }

  private func weightShape(_ shape: ConvolutionShape) -> [Int] {
    [
      shape.kernel.depth, shape.kernel.height, shape.kernel.width, shape.input.channels,
      shape.outputChannels,
    ]
  }
}

extension UNetArchitecture {
  /// Names, shapes and start values of the network's parameters; they do not depend on the patch.
  package var parameterLayout: ParameterLayout {
    let extent = totalStride * 2
    let shape = TensorShape(
      batch: 1, depth: dimensions == 2 ? 1 : extent, height: extent, width: extent,
      channels: inputChannels)
    return UNetBuilder(self, inputShape: shape, isTraining: false).parameters
  }
}
