import Foundations
import NeuralNetwork
import Tensor
import Testing

/// The compiled network against a Float64 network wired anew, and its gradients against finite differences of that.
@Suite struct UNetTests {
  static let planar = UNetArchitecture(
    dimensions: 2, inputChannels: 2, classes: 3, widths: [3, 5, 6], convolutionsPerStage: 2)
  static let solid = UNetArchitecture(
    dimensions: 3, inputChannels: 2, classes: 3, widths: [3, 4], convolutionsPerStage: 1)

  static let pooled = UNetArchitecture(
    dimensions: 3, inputChannels: 1, classes: 2, widths: [4, 17, 20], downsampling: .maxPool)

  /// Thick slices: what nnU-Net plans for them, with heads of coarser stages.
  static let anisotropic = UNetArchitecture(
    dimensions: 3, inputChannels: 2, classes: 3, widths: [3, 4, 5, 6], convolutionsPerStage: 1,
    strides: [.one, Axes(1, 2, 2), Axes(2, 2, 2), Axes(1, 2, 1)],
    kernels: [Axes(1, 3, 3), Axes(1, 3, 3), Axes(3, 3, 3), Axes(3, 1, 5)], deepSupervision: true)
  static let pooledAnisotropic = UNetArchitecture(
    dimensions: 3, inputChannels: 1, classes: 2, widths: [4, 17, 5], downsampling: .maxPool,
    strides: [.one, Axes(1, 2, 2), Axes(2, 1, 2)])
  /// Skips of every kind: nothing, pooled, pooled and projected, projected.
  static let residual = UNetArchitecture(
    dimensions: 3, inputChannels: 2, classes: 3, widths: [4, 4, 17, 5], convolutionsPerStage: 1,
    encoder: .residual(blocksPerStage: [1, 1, 2, 1]),
    strides: [.one, Axes(1, 2, 2), Axes(2, 2, 1), .one], deepSupervision: true)
  static let planarResidual = UNetArchitecture(
    dimensions: 2, inputChannels: 1, classes: 2, widths: [3, 3], convolutionsPerStage: 1,
    encoder: .residual(blocksPerStage: [2, 1]), strides: [.one, .one])

  struct Case: Sendable {
    let architecture: UNetArchitecture
    let batch: Int
    let patch: Axes
  }

  static let cases = [
    Case(architecture: planar, batch: 2, patch: Axes(1, 8, 12)),
    Case(architecture: solid, batch: 2, patch: Axes(4, 6, 4)),
    Case(architecture: pooled, batch: 2, patch: Axes(8, 8, 12)),
    Case(architecture: anisotropic, batch: 2, patch: Axes(4, 16, 8)),
    Case(architecture: pooledAnisotropic, batch: 2, patch: Axes(4, 6, 8)),
    Case(architecture: residual, batch: 2, patch: Axes(4, 8, 6)),
    Case(architecture: planarResidual, batch: 3, patch: Axes(1, 5, 7)),
  ]

  @Test(arguments: cases) func forwardEqualsReference(_ item: Case) throws {
    let (network, parameters, input) = try setUp(item)
    network.forward(parameters: parameters)
    let expected = Reference.outputs(
      item.architecture, input: ReferenceTensor(network.inputShape, input.map(Double.init)),
      parameters: parameters.values.map(Double.init))
    #expect(network.outputs.count == expected.count)
    for (output, reference) in zip(network.outputs, expected) {
      #expect(output.shape == reference.shape)
      let logits = Array(UnsafeBufferPointer(start: output.logits, count: output.shape.count))
      #expect(relativeError(logits, reference.values) < 1e-5, "\(output.name)")
    }
  }

  /// Inference has the finest output alone, and the same bits there.
  @Test(arguments: cases) func inferenceGivesTheSameBits(_ item: Case) throws {
    let (training, parameters, input) = try setUp(item)
    let network = try UNet(
      item.architecture, batch: item.batch, patch: item.patch, isTraining: false, loop: .serial)
    network.input.update(from: input, count: input.count)
    #expect(network.parameters == training.parameters && network.outputs.count == 1)
    #expect(network.outputs[0].weight == 1)
    for network in [training, network] { network.forward(parameters: parameters) }
    let isEqual = (0..<network.outputShape.count).allSatisfy { network.output[$0] == training.output[$0] }
    #expect(isEqual)
  }

  @Test(arguments: cases) func gradientsEqualFiniteDifferences(_ item: Case) throws {
    let (network, parameters, input) = try setUp(item)
    let classes = item.architecture.classes
    let targets = SupervisedTargets(network, seed: 9)
    network.forward(parameters: parameters)
    let loss = targets.evaluate(network, DiceCrossEntropy(classes: classes))
    let gradients = FloatBuffer(count: parameters.count)
    gradients.fill(with: .nan)
    network.backward(parameters: parameters, gradients: gradients)

    let x = ReferenceTensor(network.inputShape, input.map(Double.init))
    let values = parameters.values.map(Double.init)
    func reference(_ parameters: [Double]) -> Double {
      let outputs = Reference.outputs(item.architecture, input: x, parameters: parameters)
      return outputs.indices.reduce(0) { sum, index in
        sum + network.outputs[index].weight
          * Reference.loss(outputs[index].values, targets: targets.classes[index], classes: classes)
      }
    }
    #expect(abs(loss - reference(values)) < 1e-5)
    // Every tensor is probed at up to three places.
    var expected: [Double] = []
    var found: [Float] = []
    for entry in network.parameters.entries {
      for place in Set([0, entry.count / 2, entry.count - 1]).sorted() {
        let index = entry.offset + place
        var up = values
        var down = values
        up[index] += 1e-5
        down[index] -= 1e-5
        expected.append((reference(up) - reference(down)) / 2e-5)
        found.append(gradients.values[index])
      }
    }
    #expect(relativeError(found, expected) < 1e-3)
    let allFinite = gradients.values.allSatisfy { $0.isFinite }
    #expect(allFinite)
  }

  @Test(arguments: [
    Case(architecture: solid, batch: 2, patch: Axes(16, 12, 20)),
    Case(architecture: anisotropic, batch: 2, patch: Axes(12, 32, 24)),
    Case(architecture: residual, batch: 2, patch: Axes(12, 32, 24)),
  ]) func bitsDoNotDependOnThreads(_ item: Case) throws {
    func train(threads: Int) throws -> [Float] {
      let (network, parameters, _) = try setUp(item, threads: threads)
      let loop = ParallelLoop(threads: threads)
      let optimizer = Optimizer(.adam(weightDecay: 1e-4), count: parameters.count)
      let gradients = FloatBuffer(count: parameters.count)
      let targets = SupervisedTargets(network, seed: 9)
      for _ in 0..<4 {
        network.forward(parameters: parameters)
        _ = targets.evaluate(network, DiceCrossEntropy(classes: 3), loop: loop)
        network.backward(parameters: parameters, gradients: gradients)
        optimizer.step(parameters: parameters, gradients: gradients, rate: 0.01, loop: loop)
      }
      return parameters.values
    }
    let one = try train(threads: 1)
    for threads in [2, 3] {
      let many = try train(threads: threads)
      #expect(many == one)
    }
  }

  @Test func impossiblePatchesAreRefused() {
    #expect(throws: NetworkError.patch(axis: "width", extent: 10, stages: 3, multiple: 4)) {
      try Self.planar.validate(patch: Axes(1, 8, 10))
    }
    #expect(throws: NetworkError.patch(axis: "height", extent: 4, stages: 3, multiple: 4)) {
      try Self.planar.validate(patch: Axes(1, 4, 8))
    }
    #expect(throws: NetworkError.patch(axis: "height", extent: 12, stages: 4, multiple: 8)) {
      try Self.anisotropic.validate(patch: Axes(4, 12, 8))
    }
    #expect(throws: NetworkError.patch(axis: "depth", extent: 2, stages: 4, multiple: 2)) {
      try Self.anisotropic.validate(patch: Axes(2, 16, 8))
    }
    #expect(throws: NetworkError.planarPatch(depth: 8)) {
      try Self.planar.validate(patch: Axes(8, 8, 8))
    }
  }

  private func setUp(_ item: Case, threads: Int = 1) throws -> (UNet, FloatBuffer, [Float]) {
    let network = try UNet(
      item.architecture, batch: item.batch, patch: item.patch, isTraining: true,
      loop: ParallelLoop(threads: threads))
    var values = network.parameters.initialValues(seed: 7)
    // Start values of biases and norms are 0 and 1: move them, so that their use shows.
    let noise = randomValues(values.count, seed: 8)
    for i in values.indices { values[i] += 0.1 * noise[i] }
    let input = randomValues(network.inputShape.count, seed: 3, mean: 0.5)
    for (i, value) in input.enumerated() { network.input[i] = value }
    return (network, FloatBuffer(values), input)
  }
}
