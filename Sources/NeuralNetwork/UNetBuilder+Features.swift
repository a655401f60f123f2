import Tensor

extension UNetBuilder {
  // MARK: Features

  private mutating func view(_ shape: TensorShape) -> TensorView {
    TensorView(place: arena.reserve(shape.count), stride: shape.channels)
  }

  private mutating func gradientView(_ shape: TensorShape) -> TensorView {
    TensorView(place: arena.reserve(isTraining ? shape.count : 0), stride: shape.channels)
  }

  /// `channels` is how many of them are normalised; 0 where values are only activated.
  private mutating func terms(_ shape: TensorShape, channels: Int) -> NormFeature {
    NormFeature(
      place: arena.reserve(NormFeature.rows * shape.batch * shape.channels), stride: shape.channels,
      sums: arena.reserve(isTraining ? 4 * shape.batch * channels : 0))
  }

  /// A feature that is read as it is.
  mutating func feature(_ shape: TensorShape) -> Feature {
    Feature(shape: shape, value: view(shape), gradient: gradientView(shape))
  }

  /// A normalised feature; its gradient lies in a place of its own unless one is given.
  mutating func normalized(_ shape: TensorShape, gradient: TensorView? = nil) -> Feature {
    Feature(
      shape: shape, value: view(shape), gradient: gradient ?? gradientView(shape),
      norm: terms(shape, channels: shape.channels))
  }

  /// A feature that is activated when it is read.
  mutating func activated(_ shape: TensorShape) -> Feature {
    Feature(
      shape: shape, value: view(shape), gradient: gradientView(shape), norm: terms(shape, channels: 0))
  }

  /// The decoder's and the skip connection's features of a stage side by side.
  mutating func join(_ stage: Int) -> Feature {
    let width = architecture.widths[stage]
    let grid = input.shape.grid.divided(by: architecture.step(of: stage))
    let shape = input.shape.with(grid: grid, channels: 2 * width)
    let (value, gradient) = (arena.reserve(shape.count), arena.reserve(isTraining ? shape.count : 0))
    return Feature(
      shape: shape, value: TensorView(place: value, stride: 2 * width, parts: 0..<2),
      gradient: TensorView(place: gradient, stride: 2 * width, parts: 0..<2),
      norm: terms(shape, channels: architecture.encoder == .plain ? width : 0))
  }

  /// One half of a joined feature.
  func part(_ joined: Feature, second: Bool) -> Feature {
    let width = joined.shape.channels / 2
    let (offset, parts) = second ? (width, 1..<2) : (0, 0..<1)
    func half(_ view: TensorView) -> TensorView {
      TensorView(place: view.place, offset: offset, stride: view.stride, parts: parts)
    }
    var norm = joined.norm
    norm?.offset = offset
    return Feature(
      shape: joined.shape.with(channels: width), value: half(joined.value), gradient: half(joined.gradient),
      norm: norm)
  }

  // MARK: Convolutions

  /// A convolution with instance norm and, unless said otherwise, leaky ReLU.
  ///
  /// - Parameters:
  ///   - gain: what the norm's scale starts from.
  ///   - gradient: how the gradient for `x` arrives.
  ///   - place: the output, where it has been reserved.
  mutating func convolution(
    _ x: Feature, name: String, width: Int, kernel: Axes, stride: Axes = .one, isActivated: Bool = true,
    gain: Float = 1, gradient: InputGradient, into place: Feature? = nil
  ) -> Feature {
    let shape = ConvolutionShape(
      input: x.shape, outputChannels: width, kernel: kernel, stride: stride,
      padding: Axes(kernel.depth / 2, kernel.height / 2, kernel.width / 2))
    let output = place ?? normalized(shape.output)
    let weights = parameters.add(
      "\(name).conv.weight", shape: weightShape(shape),
      initial: .he(fanIn: shape.kernel.product * x.shape.channels))
    let gamma = parameters.add("\(name).norm.weight", shape: [width], initial: .constant(gain))
    let beta = parameters.add("\(name).norm.bias", shape: [width], initial: .constant(0))
    layers.append(
      ConvolutionLayer(
        name: name, convolution: Convolution(shape, choice: choice), input: x, output: output,
        weights: weights, bias: nil,
        norm: output.norm.map {
          InstanceNorm(
            feature: $0, shape: output.shape, gamma: gamma, beta: beta,
            slope: isActivated ? InstanceNorm.leakySlope : 1)
        },
        inputGradient: gradient))
    return output
  }

  func weightShape(_ shape: ConvolutionShape) -> [Int] {
    [
      shape.kernel.depth, shape.kernel.height, shape.kernel.width, shape.input.channels,
      shape.outputChannels,
    ]
  }
}
