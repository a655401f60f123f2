import Tensor

/// Builds the layers of a U-Net in the order in which they run, with their places in the arena; lifetimes are the schedule's.
struct UNetBuilder {
  /// One of the network's outputs, or a feature that is kept.
  struct Named {
    let name: String
    let feature: Feature
    /// How much smaller than the patch.
    let step: Axes
  }

  let architecture: UNetArchitecture
  let isTraining: Bool
  let choice: ConvolutionChoice
  var parameters = ParameterLayout()
  var arena = ArenaPlan()
  var layers: [any Layer] = []
  private(set) var input: Feature
  /// Logits, finest first.
  private(set) var outputs: [Named] = []
  private(set) var taps: [Named] = []
  private let tapped: [String]

  /// `inputShape` is (batch, depth, height, width, contrasts); `taps` names features that are kept.
  init(
    _ architecture: UNetArchitecture, inputShape: TensorShape, isTraining: Bool, choice: ConvolutionChoice,
    taps: [String] = []
  ) {
    self.architecture = architecture
    self.isTraining = isTraining
    self.choice = choice
    tapped = taps
    input = Feature(
      shape: inputShape,
      value: TensorView(place: arena.reserve(inputShape.count), stride: inputShape.channels),
      gradient: TensorView(place: .none, stride: inputShape.channels))
    wire()
  }

  /// What a step touches, for its schedule.
  var accesses: StepAccesses {
    StepAccesses(
      layers: layers.map(\.accesses), input: input.valueWritten,
      output: outputs.flatMap { output in
        [output.feature.valueRead] + (isTraining ? [output.feature.gradientWritten(isAdding: false)] : [])
      },
      kept: taps.flatMap { [$0.feature.valueRead] + (isTraining ? [$0.feature.gradientRead] : []) })
  }

  private mutating func wire() {
    var joined: [Feature] = []
    var x = input
    if case .residual = architecture.encoder { x = stem(x) }
    let last = architecture.widths.count - 1
    for stage in 0...last {
      let skip = stage < last ? join(stage) : nil
      x = encoder(stage, x, into: skip.map { part($0, second: true) })
      if let skip { joined.append(skip) }
      tap("encoder.\(stage)", x, stage: stage)
    }
    for stage in (0..<last).reversed() {
      // The stage below has a second reader where it has a head, whose turn comes later on the way back.
      let hasHead = stage + 1 < last && architecture.supervisedStages.contains(stage + 1)
      transposed(
        x, name: "decoder.\(stage).up", step: architecture.stride(into: stage + 1),
        into: part(joined[stage], second: false), gradient: hasHead ? .begin : .write)
      x = joined[stage]
      for block in 0..<architecture.convolutionsPerStage {
        x = convolution(
          x, name: "decoder.\(stage).\(block)", width: architecture.widths[stage],
          kernel: architecture.kernel(of: stage),
          // The skip connection's other reader, further down, completes its half of the joined gradient.
          gradient: block == 0 ? .begin : .write)
      }
      tap("decoder.\(stage)", x, stage: stage)
      if architecture.supervisedStages.contains(stage) { head(x, stage: stage) }
    }
  }

  // MARK: Layers of the decoder

  private mutating func transposed(
    _ x: Feature, name: String, step: Axes, into output: Feature, gradient: InputGradient
  ) {
    let width = output.shape.channels
    let weights = parameters.add(
      "\(name).weight", shape: [step.depth, step.height, step.width, width, x.shape.channels],
      initial: .he(fanIn: step.product * width))
    let bias = parameters.add("\(name).bias", shape: [width], initial: .constant(0))
    guard let joined = output.norm else { preconditionFailure("a joined feature has terms") }
    layers.append(
      TransposedConvolutionLayer(
        name: name, step: step, input: x, output: output, weights: weights, bias: bias, joined: joined,
        inputGradient: gradient))
  }

  /// The logits of a stage; those of coarser stages are for training alone, but their parameters are always there.
  private mutating func head(_ x: Feature, stage: Int) {
    let name = stage == 0 ? "head" : "decoder.\(stage).head"
    let shape = ConvolutionShape(
      input: x.shape, outputChannels: architecture.classes, kernel: .one, padding: Axes(0, 0, 0))
    let weights = parameters.add(
      "\(name).weight", shape: weightShape(shape), initial: .he(fanIn: x.shape.channels))
    let bias = parameters.add("\(name).bias", shape: [architecture.classes], initial: .constant(0))
    guard stage == 0 || isTraining else { return }
    let output = feature(shape.output)
    layers.append(
      ConvolutionLayer(
        name: name, convolution: Convolution(shape, choice: choice), input: x, output: output,
        weights: weights, bias: bias, norm: nil, inputGradient: stage == 0 ? .write : .add))
    outputs.insert(Named(name: name, feature: output, step: architecture.step(of: stage)), at: 0)
  }

  // MARK: Features that are kept

  /// What can be kept: each stage's last feature.
  static func tapNames(_ architecture: UNetArchitecture) -> [String] {
    let stages = architecture.widths.indices
    return stages.map { "encoder.\($0)" } + stages.dropLast().map { "decoder.\($0)" }
  }

  private mutating func tap(_ name: String, _ x: Feature, stage: Int) {
    guard tapped.contains(name) else { return }
    let copy = feature(x.shape)
    layers.append(FeatureTapLayer(name: "\(name).tap", input: x, copy: copy))
    taps.append(Named(name: name, feature: copy, step: architecture.step(of: stage)))
  }
}

extension UNetArchitecture {
  /// Names, shapes and start values of the network's parameters; they do not depend on the patch.
  package var parameterLayout: ParameterLayout {
    let least = totalStride.times(Axes(dimensions == 2 ? 1 : 2, 2, 2))
    let shape = TensorShape(
      batch: 1, depth: least.depth, height: least.height, width: least.width, channels: inputChannels)
    return UNetBuilder(self, inputShape: shape, isTraining: false, choice: ConvolutionChoice()).parameters
  }
}
