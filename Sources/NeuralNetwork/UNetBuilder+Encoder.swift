import Tensor

extension UNetBuilder {
  /// One stage on the way down; its last output goes into `skip` where the stage has one.
  mutating func encoder(_ stage: Int, _ x: Feature, into skip: Feature?) -> Feature {
    switch architecture.encoder {
    case .plain: plainStage(stage, x, into: skip)
    case .residual(let blocksPerStage): residualStage(stage, x, blocks: blocksPerStage[stage], into: skip)
    }
  }

  private mutating func plainStage(_ stage: Int, _ input: Feature, into skip: Feature?) -> Feature {
    var x = input
    let step = architecture.stride(into: stage)
    let isPooled = architecture.downsampling == .maxPool && step != .one
    if isPooled { x = maxPool(x, name: "encoder.\(stage).pool", window: step) }
    for block in 0..<architecture.convolutionsPerStage {
      let isStep = block == 0 && !isPooled
      x = convolution(
        x, name: "encoder.\(stage).\(block)", width: architecture.widths[stage],
        kernel: architecture.kernel(of: stage), stride: isStep ? step : .one,
        gradient: isStep ? (stage == 0 ? .none : .add) : .write,
        into: block == architecture.convolutionsPerStage - 1 ? skip : nil)
    }
    return x
  }

  // MARK: Residual

  /// The convolution before a residual encoder's first stage.
  mutating func stem(_ x: Feature) -> Feature {
    convolution(
      x, name: "encoder.stem", width: architecture.widths[0], kernel: architecture.kernel(of: 0),
      gradient: .none)
  }

  private mutating func residualStage(
    _ stage: Int, _ input: Feature, blocks: Int, into skip: Feature?
  ) -> Feature {
    var x = input
    for block in 0..<blocks {
      x = residualBlock(
        x, name: "encoder.\(stage).\(block)", width: architecture.widths[stage],
        kernel: architecture.kernel(of: stage), stride: block == 0 ? architecture.stride(into: stage) : .one,
        // A stage's output has been read by the decoder, which begins its gradient.
        skipGradient: stage > 0 && block == 0 ? .more : .begin, into: block == blocks - 1 ? skip : nil)
    }
    return x
  }

  /// nnU-Net's BasicBlockD: two convolutions, and a skip that is pooled and projected where they change the shape.
  ///
  /// `skipGradient` is how the skip's share of the input's gradient arrives; the first convolution completes it.
  private mutating func residualBlock(
    _ x: Feature, name: String, width: Int, kernel: Axes, stride: Axes, skipGradient: InputGradient,
    into place: Feature?
  ) -> Feature {
    let first = convolution(
      x, name: "\(name).conv1", width: width, kernel: kernel, stride: stride, gradient: .add)
    let output = place ?? activated(first.shape)
    let main = convolution(
      first, name: "\(name).conv2", width: width, kernel: kernel, isActivated: false,
      // So each block begins as its skip alone (nnU-Net; Goyal et al. 2017).
      gain: 0, gradient: .write, into: normalized(first.shape, gradient: output.gradient))
    var (skip, gradient) = (x, skipGradient)
    if stride != .one {
      skip = averagePool(skip, name: "\(name).pool", window: stride, isAdding: gradient.isAdding)
      gradient = .write
    }
    if skip.shape.channels != width {
      skip = convolution(
        skip, name: "\(name).skip", width: width, kernel: .one, isActivated: false, gradient: gradient)
      gradient = .write
    }
    layers.append(
      ResidualSumLayer(name: name, main: main, skip: skip, output: output, skipGradient: gradient))
    return output
  }

  // MARK: Pools

  private mutating func maxPool(_ x: Feature, name: String, window: Axes) -> Feature {
    let output = feature(x.shape.with(grid: x.shape.grid.divided(by: window), channels: x.shape.channels))
    layers.append(MaxPoolLayer(name: name, window: window, input: x, output: output, inputGradient: .add))
    return output
  }

  private mutating func averagePool(
    _ x: Feature, name: String, window: Axes, isAdding: Bool
  ) -> Feature {
    let output = feature(x.shape.with(grid: x.shape.grid.divided(by: window), channels: x.shape.channels))
    layers.append(AveragePoolLayer(name: name, window: window, input: x, output: output, isAdding: isAdding))
    return output
  }
}
