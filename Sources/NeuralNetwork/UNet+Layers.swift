import Tensor

/// Builds the layers of a U-Net in the order in which they run, with their places in the arena; lifetimes are the schedule's.
struct UNetBuilder {
  let architecture: UNetArchitecture
  let isTraining: Bool
  private let choice: ConvolutionChoice
  private(set) var parameters = ParameterLayout()
  private(set) var arena = ArenaPlan()
  private(set) var layers: [any Layer] = []
  private(set) var input: Feature
  private(set) var output: Feature

  /// `inputShape` is (batch, depth, height, width, contrasts).
  init(
    _ architecture: UNetArchitecture, inputShape: TensorShape, isTraining: Bool, choice: ConvolutionChoice
  ) {
    self.architecture = architecture
    self.isTraining = isTraining
    self.choice = choice
    input = Feature(
      shape: inputShape, value: arena.reserve(inputShape.count), gradient: .none, stride: inputShape.channels)
    output = input
    wire()
  }

  /// What a step touches, for its schedule.
  var accesses: StepAccesses {
    StepAccesses(
      layers: layers.map(\.accesses), input: input.valueWritten,
      output: [output.valueRead] + (isTraining ? [output.gradientWritten(isAdding: false)] : []))
  }

  private mutating func wire() {
    var joined: [Feature] = []
    var x = input
    let last = architecture.widths.count - 1
    for stage in 0...last {
      let skip = stage < last ? join(grid: grid(stage), width: architecture.widths[stage]) : nil
      x = encoder(stage, x, skip: skip.map { part($0, second: true) })
      if let skip { joined.append(skip) }
    }
    for stage in (0..<last).reversed() {
      transposed(x, name: "decoder.\(stage).up", into: part(joined[stage], second: false))
      x = joined[stage]
      for block in 0..<architecture.convolutionsPerStage {
        x = convolutionBlock(
          x, name: "decoder.\(stage).\(block)", width: architecture.widths[stage],
          // The skip connection's other reader, further down, completes its half of the joined gradient.
          gradient: block == 0 ? .begin : .write)
      }
    }
    output = head(x)
  }

  /// One stage on the way down; its last output goes into `skip` where the stage has one.
  private mutating func encoder(_ stage: Int, _ input: Feature, skip: Feature?) -> Feature {
    var x = input
    let isStepDown = stage > 0
    if isStepDown && architecture.downsampling == .maxPool { x = pool(x, name: "encoder.\(stage).pool") }
    for block in 0..<architecture.convolutionsPerStage {
      let isStrided = isStepDown && block == 0 && architecture.downsampling == .stridedConvolution
      let isFirst = stage == 0 && block == 0
      x = convolutionBlock(
        x, name: "encoder.\(stage).\(block)", width: architecture.widths[stage],
        stride: isStrided ? architecture.stride : .one,
        gradient: isFirst ? .none : isStrided ? .add : .write,
        into: block == architecture.convolutionsPerStage - 1 ? skip : nil)
    }
    return x
  }

  private func grid(_ stage: Int) -> Axes {
    let step = architecture.stride
    func reduced(_ extent: Int, _ step: Int) -> Int { (0..<stage).reduce(extent) { rest, _ in rest / step } }
    return Axes(
      reduced(input.shape.depth, step.depth), reduced(input.shape.height, step.height),
      reduced(input.shape.width, step.width))
  }

  // MARK: Features

  private mutating func norm(_ shape: TensorShape, channels: Int) -> NormFeature {
    NormFeature(
      place: arena.reserve(NormFeature.rows * shape.batch * shape.channels), stride: shape.channels,
      sums: arena.reserve(isTraining ? 4 * shape.batch * channels : 0))
  }

  private mutating func feature(_ shape: TensorShape, isNormalized: Bool) -> Feature {
    Feature(
      shape: shape, value: arena.reserve(shape.count), gradient: arena.reserve(isTraining ? shape.count : 0),
      stride: shape.channels, norm: isNormalized ? norm(shape, channels: shape.channels) : nil)
  }

  /// The decoder's and the skip connection's features side by side, `width` channels each.
  private mutating func join(grid: Axes, width: Int) -> Feature {
    let shape = input.shape.with(grid: grid, channels: 2 * width)
    return Feature(
      shape: shape, value: arena.reserve(shape.count), gradient: arena.reserve(isTraining ? shape.count : 0),
      stride: 2 * width, parts: 0..<2, norm: norm(shape, channels: width))
  }

  /// One half of a joined feature.
  private func part(_ joined: Feature, second: Bool) -> Feature {
    let width = joined.shape.channels / 2
    var norm = joined.norm
    norm?.offset = second ? width : 0
    return Feature(
      shape: joined.shape.with(channels: width), value: joined.value, gradient: joined.gradient,
      offset: second ? width : 0, stride: joined.stride, parts: second ? 1..<2 : 0..<1, norm: norm)
  }

  // MARK: Layers

  private mutating func convolutionBlock(
    _ x: Feature, name: String, width: Int, stride: Axes = .one, gradient: InputGradient,
    into place: Feature? = nil
  ) -> Feature {
    let shape = ConvolutionShape(
      input: x.shape, outputChannels: width, kernel: architecture.kernel, stride: stride,
      padding: architecture.padding)
    let output = place ?? feature(shape.output, isNormalized: true)
    let weights = parameters.add(
      "\(name).conv.weight", shape: weightShape(shape),
      initial: .he(fanIn: shape.kernel.product * x.shape.channels))
    let gamma = parameters.add("\(name).norm.weight", shape: [width], initial: .constant(1))
    let beta = parameters.add("\(name).norm.bias", shape: [width], initial: .constant(0))
    layers.append(
      ConvolutionLayer(
        name: name, convolution: Convolution(shape, choice: choice), input: x, output: output,
        weights: weights, bias: nil,
        norm: output.norm.map { InstanceNorm(feature: $0, shape: output.shape, gamma: gamma, beta: beta) },
        inputGradient: gradient))
    return output
  }

  private mutating func pool(_ x: Feature, name: String) -> Feature {
    let step = architecture.stride
    let grid = Axes(x.shape.depth / step.depth, x.shape.height / step.height, x.shape.width / step.width)
    let output = feature(x.shape.with(grid: grid, channels: x.shape.channels), isNormalized: false)
    layers.append(
      MaxPoolLayer(name: name, window: step, input: x, output: output, inputGradient: .add))
    return output
  }

  private mutating func transposed(_ x: Feature, name: String, into output: Feature) {
    let step = architecture.stride
    let width = output.shape.channels
    let weights = parameters.add(
      "\(name).weight", shape: [step.depth, step.height, step.width, width, x.shape.channels],
      initial: .he(fanIn: step.product * width))
    let bias = parameters.add("\(name).bias", shape: [width], initial: .constant(0))
    guard let joined = output.norm else { preconditionFailure("a joined feature has terms") }
    layers.append(
      TransposedConvolutionLayer(
        name: name, step: step, input: x, output: output, weights: weights, bias: bias, joined: joined,
        inputGradient: .write))
  }

  private mutating func head(_ x: Feature) -> Feature {
    let shape = ConvolutionShape(
      input: x.shape, outputChannels: architecture.classes, kernel: .one, padding: Axes(0, 0, 0))
    let output = feature(shape.output, isNormalized: false)
    let weights = parameters.add(
      "head.weight", shape: weightShape(shape), initial: .he(fanIn: x.shape.channels))
    let bias = parameters.add("head.bias", shape: [architecture.classes], initial: .constant(0))
    layers.append(
      ConvolutionLayer(
        name: "head", convolution: Convolution(shape, choice: choice), input: x, output: output,
        weights: weights, bias: bias, norm: nil, inputGradient: .write))
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
    return UNetBuilder(self, inputShape: shape, isTraining: false, choice: ConvolutionChoice()).parameters
  }
}
