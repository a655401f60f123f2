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

  struct Case: Sendable {
    let architecture: UNetArchitecture
    let batch: Int
    let patch: Axes
  }

  static let cases = [
    Case(architecture: planar, batch: 2, patch: Axes(1, 8, 12)),
    Case(architecture: solid, batch: 2, patch: Axes(4, 6, 4)),
    Case(architecture: pooled, batch: 2, patch: Axes(8, 8, 12)),
  ]

  @Test(arguments: cases) func forwardEqualsReference(_ item: Case) throws {
    let (network, parameters, input) = try setUp(item)
    network.forward(parameters: parameters)
    let logits = Array(UnsafeBufferPointer(start: network.output, count: network.outputShape.count))
    let expected = Reference.unet(
      item.architecture, input: ReferenceTensor(network.inputShape, input.map(Double.init)),
      parameters: parameters.values.map(Double.init))
    #expect(relativeError(logits, expected.values) < 1e-5)
  }

  @Test(arguments: cases) func gradientsEqualFiniteDifferences(_ item: Case) throws {
    let (network, parameters, input) = try setUp(item)
    let rows = network.outputShape.rows
    let classes = item.architecture.classes
    var stream = RandomStream(seed: 9, purpose: .test)
    let targets = (0..<rows).map { _ in UInt8(stream.integer(below: classes)) }
    network.forward(parameters: parameters)
    let loss = DiceCrossEntropy(classes: classes).evaluate(
      logits: network.output, targets: targets, rows: rows, gradient: network.outputGradient,
      loop: .serial)
    let gradients = FloatBuffer(count: parameters.count)
    gradients.fill(with: .nan)
    network.backward(parameters: parameters, gradients: gradients)

    let x = ReferenceTensor(network.inputShape, input.map(Double.init))
    let values = parameters.values.map(Double.init)
    func reference(_ parameters: [Double]) -> Double {
      let logits = Reference.unet(item.architecture, input: x, parameters: parameters)
      return Reference.loss(logits.values, targets: targets, classes: classes)
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

  @Test func bitsDoNotDependOnThreads() throws {
    func train(threads: Int) throws -> [Float] {
      let item = Case(architecture: Self.solid, batch: 2, patch: Axes(16, 12, 20))
      let (network, parameters, _) = try setUp(item, threads: threads)
      let loop = ParallelLoop(threads: threads)
      let optimizer = Optimizer(.adam(weightDecay: 1e-4), count: parameters.count)
      let gradients = FloatBuffer(count: parameters.count)
      let targets = (0..<network.outputShape.rows).map { UInt8($0 % 3) }
      for _ in 0..<4 {
        network.forward(parameters: parameters)
        _ = DiceCrossEntropy(classes: 3).evaluate(
          logits: network.output, targets: targets, rows: targets.count,
          gradient: network.outputGradient, loop: loop)
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
