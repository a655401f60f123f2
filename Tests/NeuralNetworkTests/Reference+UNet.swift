import NeuralNetwork
import Tensor

extension Reference {
  /// The finest output of the whole U-Net.
  static func unet(
    _ architecture: UNetArchitecture, input: ReferenceTensor, parameters: [Double]
  ) -> ReferenceTensor { outputs(architecture, input: input, parameters: parameters)[0] }

  /// The whole U-Net's outputs in training, finest first, wired anew from the architecture's description.
  static func outputs(
    _ architecture: UNetArchitecture, input: ReferenceTensor, parameters: [Double]
  ) -> [ReferenceTensor] {
    let network = ReferenceUNet(architecture, parameters: parameters)
    let skips = network.encoder(input)
    var x = skips[skips.count - 1]
    var outputs: [ReferenceTensor] = []
    for stage in (0..<skips.count - 1).reversed() {
      x = network.decoder(stage, below: x, skip: skips[stage])
      let name = stage == 0 ? "head" : "decoder.\(stage).head"
      if network.has("\(name).weight") { outputs.insert(network.head(name, x), at: 0) }
    }
    return outputs
  }
}

/// A U-Net's parts by the names of their parameters.
private struct ReferenceUNet {
  let architecture: UNetArchitecture
  private let parameters: [Double]
  private let layout: ParameterLayout

  init(_ architecture: UNetArchitecture, parameters: [Double]) {
    self.architecture = architecture
    self.parameters = parameters
    layout = architecture.parameterLayout
  }

  func has(_ name: String) -> Bool { layout.entries.contains { $0.name == name } }

  private func tensor(_ name: String) -> [Double] {
    let entry = layout.entries.first { $0.name == name }!
    return Array(parameters[entry.offset..<entry.offset + entry.count])
  }

  private var usualStep: Axes { architecture.dimensions == 2 ? Axes(1, 2, 2) : Axes(2, 2, 2) }
  private var usualKernel: Axes { architecture.dimensions == 2 ? Axes(1, 3, 3) : Axes(3, 3, 3) }

  private func step(into stage: Int) -> Axes {
    if let strides = architecture.strides { return strides[stage] }
    return stage == 0 ? .one : usualStep
  }

  private func kernel(_ stage: Int) -> Axes { architecture.kernels?[stage] ?? usualKernel }

  /// Each stage's last feature.
  func encoder(_ input: ReferenceTensor) -> [ReferenceTensor] {
    var x = input
    var features: [ReferenceTensor] = []
    for (stage, width) in architecture.widths.enumerated() {
      switch architecture.encoder {
      case .plain: x = plainStage(stage, width, x)
      case .residual(let blocks):
        if stage == 0 { x = Reference.leaky(normalized(x, "encoder.stem", width, kernel(0), .one)) }
        for block in 0..<blocks[stage] {
          x = residualBlock(
            x, "encoder.\(stage).\(block)", width, kernel(stage), block == 0 ? step(into: stage) : .one)
        }
      }
      features.append(x)
    }
    return features
  }

  private func plainStage(_ stage: Int, _ width: Int, _ input: ReferenceTensor) -> ReferenceTensor {
    var x = input
    let isPooled = architecture.downsampling == .maxPool && step(into: stage) != .one
    if isPooled { x = Reference.maxPool(x, window: step(into: stage)) }
    for index in 0..<architecture.convolutionsPerStage {
      let step = index == 0 && !isPooled ? step(into: stage) : .one
      x = Reference.leaky(normalized(x, "encoder.\(stage).\(index)", width, kernel(stage), step))
    }
    return x
  }

  private func residualBlock(
    _ x: ReferenceTensor, _ name: String, _ width: Int, _ kernel: Axes, _ step: Axes
  ) -> ReferenceTensor {
    let first = Reference.leaky(normalized(x, "\(name).conv1", width, kernel, step))
    var sum = normalized(first, "\(name).conv2", width, kernel, .one)
    var skip = step == .one ? x : Reference.averagePool(x, window: step)
    if skip.shape.channels != width { skip = normalized(skip, "\(name).skip", width, .one, .one) }
    for i in sum.values.indices { sum.values[i] += skip.values[i] }
    return Reference.leaky(sum)
  }

  /// Convolution and instance norm.
  private func normalized(
    _ x: ReferenceTensor, _ name: String, _ width: Int, _ kernel: Axes, _ step: Axes
  ) -> ReferenceTensor {
    let shape = ConvolutionShape(
      input: x.shape, outputChannels: width, kernel: kernel, stride: step,
      padding: Axes((kernel.depth - 1) / 2, (kernel.height - 1) / 2, (kernel.width - 1) / 2))
    let linear = ReferenceTensor(
      shape.output, Reference.convolution(shape, x.values, tensor("\(name).conv.weight")))
    return Reference.instanceNorm(
      linear, gamma: tensor("\(name).norm.weight"), beta: tensor("\(name).norm.bias"))
  }

  func decoder(_ stage: Int, below x: ReferenceTensor, skip: ReferenceTensor) -> ReferenceTensor {
    let width = architecture.widths[stage]
    let step = step(into: stage + 1)
    let fine = skip.shape.with(channels: width)
    let shape = ConvolutionShape(
      input: fine, outputChannels: x.shape.channels, kernel: step, stride: step, padding: Axes(0, 0, 0))
    let up = ReferenceTensor(
      fine, Reference.convolutionInputGradient(shape, x.values, tensor("decoder.\(stage).up.weight")))
    var y = Reference.concatenation(Reference.addBias(up, tensor("decoder.\(stage).up.bias")), skip)
    for index in 0..<architecture.convolutionsPerStage {
      y = Reference.leaky(normalized(y, "decoder.\(stage).\(index)", width, kernel(stage), .one))
    }
    return y
  }

  func head(_ name: String, _ x: ReferenceTensor) -> ReferenceTensor {
    let shape = ConvolutionShape(
      input: x.shape, outputChannels: architecture.classes, kernel: .one, padding: Axes(0, 0, 0))
    let logits = ReferenceTensor(
      shape.output, Reference.convolution(shape, x.values, tensor("\(name).weight")))
    return Reference.addBias(logits, tensor("\(name).bias"))
  }
}
