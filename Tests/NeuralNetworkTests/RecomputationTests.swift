import Foundations
import NeuralNetwork
import Tensor
import Testing

/// Networks below a memory ceiling: the same bits as without, in less memory.
@Suite struct RecomputationTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let architecture: UNetArchitecture
    var patch: Axes { architecture.dimensions == 2 ? Axes(1, 40, 48) : Axes(8, 16, 24) }

    func plan(ceiling: Int?) throws -> UNetPlan {
      try UNetPlan(
        architecture, batch: 2, patch: patch, isTraining: true, threads: 2, options: options(ceiling))
    }

    func options(_ ceiling: Int?) -> NetworkOptions {
      NetworkOptions(memoryCeiling: ceiling, optimizer: .adam(weightDecay: 0))
    }

    /// The least ceiling that can be met: what a refusal says.
    func least() throws -> Int {
      let error = #expect(throws: NetworkError.self) { try plan(ceiling: 1) }
      guard case .memory(let shortage) = try #require(error) else { return 0 }
      #expect(shortage.limit == .ceiling && shortage.allowed == 1)
      return shortage.needed
    }
  }

  static let cases =
    [2, 3].flatMap { dimensions in
      UNetArchitecture.Downsampling.allCases.map { downsampling in
        Case(
          testDescription: "\(dimensions)D, \(downsampling.rawValue)",
          architecture: UNetArchitecture(
            dimensions: dimensions, inputChannels: 2, classes: 3, widths: [6, 16, 20],
            downsampling: downsampling))
      }
    } + [
      Case(
        testDescription: "anisotropic, deep supervision",
        architecture: UNetArchitecture(
          dimensions: 3, inputChannels: 2, classes: 3, widths: [6, 16, 20, 20],
          strides: [.one, Axes(1, 2, 2), Axes(2, 2, 2), Axes(2, 1, 2)],
          kernels: [Axes(1, 3, 3), Axes(1, 3, 3), Axes(3, 3, 3), Axes(3, 3, 3)], deepSupervision: true)),
      Case(
        testDescription: "residual, deep supervision",
        architecture: UNetArchitecture(
          dimensions: 3, inputChannels: 2, classes: 3, widths: [6, 16, 16, 20], convolutionsPerStage: 1,
          encoder: .residual(blocksPerStage: [1, 2, 1, 1]),
          strides: [.one, Axes(1, 2, 2), Axes(2, 2, 2), Axes(2, 1, 2)], deepSupervision: true)),
    ]

  @Test(arguments: cases) func aCeilingDoesNotChangeABit(_ item: Case) throws {
    let full = try item.plan(ceiling: nil).memory.total
    let least = try item.least()
    let expected = try train(item, ceiling: nil)
    #expect(expected.recomputed.isEmpty)
    for ceiling in [full - 1, (3 * full + least) / 4, (full + least) / 2, least] {
      let run = try train(item, ceiling: ceiling)
      #expect(!run.recomputed.isEmpty)
      #expect(run.memory.total <= ceiling)
      #expect(run.memory.arena < expected.memory.arena)
      #expect(run.memory.workspace == expected.memory.workspace)
      let isEqual = run.bits == expected.bits
      #expect(isEqual, "ceiling \(ceiling) of \(full): \(run.recomputed)")
    }
  }

  @Test(arguments: cases) func whatIsMetOnceIsMetWithMore(_ item: Case) throws {
    let full = try item.plan(ceiling: nil).memory.total
    let least = try item.least()
    var layers = [Int.max]
    for step in 0...20 {
      let plan = try item.plan(ceiling: least + (full - least) * step / 20)
      #expect(plan.memory.total <= least + (full - least) * step / 20)
      layers.append(plan.recomputed.count)
    }
    #expect(layers.last == 0)
    #expect(throws: NetworkError.self) { try item.plan(ceiling: least * 9 / 10) }
    #expect(try item.plan(ceiling: full).recomputed.isEmpty)
  }

  private struct Run {
    let bits: [UInt32]
    let recomputed: [String]
    let memory: NetworkMemory
  }

  /// Four steps of Adam; weights to the bit.
  private func train(_ item: Case, ceiling: Int?) throws -> Run {
    let loop = ParallelLoop(threads: 2)
    let network = try UNet(
      item.architecture, batch: 2, patch: item.patch, isTraining: true, loop: loop,
      options: item.options(ceiling))
    let parameters = FloatBuffer(network.parameters.initialValues(seed: 7))
    let gradients = FloatBuffer(count: parameters.count)
    let optimizer = Optimizer(.adam(weightDecay: 0), count: parameters.count)
    let targets = SupervisedTargets(network, seed: 9)
    for step in 0..<4 {
      let input = randomValues(network.inputShape.count, seed: UInt64(step), mean: 0.5)
      for (i, value) in input.enumerated() { network.input[i] = value }
      network.forward(parameters: parameters)
      _ = targets.evaluate(network, DiceCrossEntropy(classes: 3), loop: loop)
      network.backward(parameters: parameters, gradients: gradients)
      optimizer.step(parameters: parameters, gradients: gradients, rate: 0.01, loop: loop)
    }
    return Run(
      bits: parameters.values.map(\.bitPattern), recomputed: network.recomputed, memory: network.memory)
  }

  /// The benchmark's networks A to D: hardly any room is lost between places, nor much more in use than the
  /// finest stage's maps and all values of the stages below.
  @Test(arguments: [
    (2, 4, 192, [32, 64, 128, 256, 512]), (2, 8, 128, [16, 32, 64, 128]), (3, 1, 64, [16, 32, 64, 128]),
    (3, 1, 96, [32, 64, 128, 256, 512]),
  ]) func arenasAreTight(dimensions: Int, batch: Int, extent: Int, widths: [Int]) throws {
    let architecture = UNetArchitecture(
      dimensions: dimensions, inputChannels: 4, classes: 4, widths: widths, downsampling: .maxPool)
    let plan = try UNetPlan(
      architecture, batch: batch, patch: Axes(dimensions == 2 ? 1 : extent, extent, extent), isTraining: true,
      threads: 2, available: nil)
    #expect(Double(plan.memory.arena) <= 1.05 * Double(plan.leastArenaBytes))
    // Counted by hand: at its peak the finest stage holds six maps of its width, every coarser one less than six.
    let map = 4 * batch * (dimensions == 2 ? 1 : extent) * extent * extent * widths[0]
    let shrink = dimensions == 2 ? 0.5 : 0.25
    let stages = (0..<widths.count).reduce(0.0) { sum, stage in
      sum + (0..<stage).reduce(1.0) { rest, _ in rest * shrink }
    }
    #expect(Double(plan.memory.arena) < 6.5 * Double(map) * stages)
  }
}
