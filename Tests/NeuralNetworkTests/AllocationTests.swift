import CAllocationCounter
import Foundations
import NeuralNetwork
import Tensor
import Testing

/// A training step takes nothing from the heap; each test counts in a process of its own, all threads together.
@Suite struct AllocationTests {
  @Test func thePlantedAllocationIsSeen() async {
    await #expect(processExitsWith: .success) {
      segfed_start_counting()
      let buffer = FloatBuffer(count: 1)
      let array = (0..<buffer.count + 9).map { $0 }
      let count = segfed_stop_counting()
      // The buffer and its memory, and the array's.
      #expect(count >= 3 && array.count == 10)
    }
  }

  /// Another thread's allocation counts too.
  @Test func allThreadsAreCounted() async {
    await #expect(processExitsWith: .success) {
      let loop = ParallelLoop(threads: 2)
      func allocations(_ body: (Int) -> Void) -> Int {
        for _ in 0..<2 { loop.forEach(64) { index, _ in body(index) } }
        segfed_start_counting()
        loop.forEach(64) { index, _ in body(index) }
        return segfed_stop_counting()
      }
      let none = allocations { _ in }
      let some = allocations { _ = FloatBuffer(count: $0) }
      #expect(some >= none + 64)
    }
  }

  @Test(arguments: [1, 2], [2, 3]) func theStepAllocatesNothing(threads: Int, dimensions: Int) async {
    await #expect(processExitsWith: .success) { [threads = threads as Int, dimensions = dimensions as Int] in
      for architecture in Self.architectures(dimensions) {
        for kind in OptimizerTests.kinds {
          let step = try CountedStep(architecture, kind: kind, threads: threads)
          for _ in 0..<2 { step.run() }
          segfed_start_counting()
          step.run()
          let count = segfed_stop_counting()
          let first = count == 0 ? "" : String(cString: segfed_first_allocation())
          #expect(count == 0, "\(architecture), \(kind): \(count) blocks, the first from\n\(first)")
          // For small products OpenBLAS' AVX-512 kernels take a buffer and give it back; its others take none.
          if !Self.coresWithSmallProducts.contains(BLAS.core) {
            #expect(segfed_openblas_allocations() == 0, "\(BLAS.core)")
          }
        }
      }
    }
  }

  private static let coresWithSmallProducts = ["SkylakeX", "Cooperlake", "SapphireRapids"]

  /// Every kind of layer, wide enough that each convolution strategy has its turn.
  private static func architectures(_ dimensions: Int) -> [UNetArchitecture] {
    UNetArchitecture.Downsampling.allCases.map {
      UNetArchitecture(
        dimensions: dimensions, inputChannels: 4, classes: 4, widths: [16, 32, 256], downsampling: $0)
    } + [
      UNetArchitecture(
        dimensions: dimensions, inputChannels: 4, classes: 4, widths: [16, 32, 32, 64],
        encoder: .residual(blocksPerStage: [1, 2, 1, 1]),
        strides: dimensions == 2 ? nil : [.one, Axes(1, 2, 2), Axes(2, 2, 2), Axes(2, 2, 1)],
        deepSupervision: true)
    ]
  }
}

/// A network in training that keeps some features.
private struct CountedStep {
  private let network: UNet
  private let parameters: FloatBuffer
  private let gradients: FloatBuffer
  private let targets: [UInt8]
  private let losses: [DeepSupervision]
  private let optimizer: Optimizer
  private let average: WeightAverage
  private let loop: ParallelLoop

  init(_ architecture: UNetArchitecture, kind: OptimizerKind, threads: Int) throws {
    loop = ParallelLoop(threads: threads)
    network = try UNet(
      architecture, batch: 2, patch: architecture.dimensions == 2 ? Axes(1, 48, 48) : Axes(16, 16, 16),
      isTraining: true, loop: loop, options: NetworkOptions(taps: ["encoder.1", "decoder.0"]))
    parameters = FloatBuffer(network.parameters.initialValues(seed: 1))
    gradients = FloatBuffer(count: parameters.count)
    for i in 0..<network.inputShape.count { network.input[i] = Float(i % 7) - 3 }
    targets = (0..<network.outputShape.rows).map { UInt8($0 % 4) }
    let outputs = network.outputs.map {
      LossOutput(logits: $0.logits, gradient: $0.gradient, shape: $0.shape, weight: $0.weight)
    }
    let regions = RegionMembership(classes: 4, regions: [[1, 2, 3], [1, 3], [3], [2]])
    losses = [
      LossSettings(.labels(4), weights: [1, 2, 3, 4]),
      LossSettings(.regions(regions), batchDice: false, weights: [1, 2, 3, 4]),
    ].map { DeepSupervision($0, outputs: outputs) }
    optimizer = Optimizer(kind, count: parameters.count)
    average = WeightAverage(decay: 0.9, count: parameters.count)
  }

  func run() {
    network.forward(parameters: parameters)
    for loss in losses { _ = loss.evaluate(targets: targets, loop: loop) }
    network.backward(parameters: parameters, gradients: gradients)
    optimizer.step(parameters: parameters, gradients: gradients, rate: 1e-3, loop: loop)
    average.add(parameters, loop: loop)
  }
}
