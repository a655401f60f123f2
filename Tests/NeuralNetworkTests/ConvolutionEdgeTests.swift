import Foundations
import Kernels
import NeuralNetwork
import Tensor
import TestSupport
import Testing

/// No strategy strays past an edge of its tensors or of its share of the workspace, nor needs what it finds
/// there. Each test is a process of its own, which a stray access ends.
@Suite(.disabled(if: Emulation.cpu != nil, "a new process would not be emulated"))
struct ConvolutionEdgeTests {
  /// Convolutions of `ConvolutionTests`, and the staged form of Winograd.
  static let shapes = ConvolutionTests.shapes + [ConvolutionTests.deep]

  @Test(arguments: shapes.indices) func strategiesStayInside(_ index: Int) async {
    await #expect(processExitsWith: .success) { [index = index as Int] in
      let shape = Self.shapes[index]
      for kernels in KernelChoice.available {
        let choice = ConvolutionChoice(kernels: kernels.name)
        let names = Set(ConvolutionPass.allCases.flatMap { choice.candidates(shape, $0).map(\.strategy) })
        // The reference takes long on the largest shape, and each strategy is compared with it elsewhere.
        for name in names where name != .reference || shape != ConvolutionTests.deep {
          var results: [[Float]] = []
          for placement in [EdgeMemory.Placement.endsAtGuard, .beginsAtGuard, .heap] {
            let run = EdgeMemory.with(placement) {
              EdgeConvolution(shape, kernels: kernels, strategy: name, memory: $0)
            }
            let isIntact = run.workspace.isIntact
            #expect(isIntact, "\(kernels.name), \(name), \(shape): wrote beyond its workspace")
            results.append(run.results)
          }
          let allFinite = results[0].allSatisfy(\.isFinite)
          #expect(allFinite, "\(kernels.name), \(name), \(shape): read what was never written")
          #expect(results[1] == results[0] && results[2] == results[0], "\(kernels.name), \(name), \(shape)")
        }
      }
    }
  }

  @Test func aWriteBeyondTheWorkspaceIsFound() {
    let watched = WatchedWorkspace(Workspace.Demand(perWorker: 40, shared: 7, sums: 3))
    #expect(watched.isIntact)
    watched.workspace.worker(0)[39] = 1
    watched.workspace.shared[6] = 1
    watched.workspace.sums[2] = 1
    #expect(watched.isIntact)
    watched.workspace.sums[3] = 1
    #expect(!watched.isIntact)
  }
}

/// All passes of one convolution, normalised on both sides, on tensors that end or begin at a forbidden page.
private struct EdgeConvolution {
  let workspace: WatchedWorkspace
  /// Every value that was written.
  let results: [Float]

  init(
    _ shape: ConvolutionShape, kernels: any KernelSet.Type, strategy: StrategyName, memory: EdgeMemory
  ) {
    let choice = ConvolutionChoice(kernels: kernels.name, override: strategy)
    let convolution = Convolution(shape, choice: choice)
    workspace = WatchedWorkspace(convolution.demand(isTraining: true))
    let context = ConvolutionContext(kernels: kernels, workspace: workspace.workspace, loop: .serial)
    let input = EdgeTensor(shape.input, seed: 1, memory)
    let output = EdgeTensor(shape.output, seed: 2, memory)
    let weights = memory.place(randomValues(shape.weightCount, seed: 3))
    var results: [Float] = []

    let y = EdgeTensor(unset: shape.output, memory)
    let moments = memory.sums(
      convolution.forward.piecesPerSample * shape.input.batch * 2 * shape.outputChannels)
    convolution.forward.run(
      DataCall(
        source: input.read, weights: weights, target: TensorWrite(base: y.base, stride: y.stride),
        epilogue: .moments(sums: moments)), context)
    results += y.values

    let gradient = EdgeTensor(shape.output, seed: 4, memory)
    let dx = EdgeTensor(unset: shape.input, memory)
    let sums = memory.sums(
      convolution.inputGradient.piecesPerSample * shape.input.batch * 2 * shape.input.channels)
    convolution.inputGradient.run(
      DataCall(
        source: TensorRead(base: gradient.base, stride: gradient.stride), weights: weights,
        target: TensorWrite(base: dx.base, stride: dx.stride),
        epilogue: .normGradient(input: input.read, sums: sums)), context)
    results += dx.values

    let dw = memory.unset(shape.weightCount)
    convolution.weightGradient.run(
      WeightCall(
        input: input.read,
        gradient: GradientRead(values: gradient.base, stride: gradient.stride, output: output.read),
        weightGradient: dw), context)
    results += gradient.values + (0..<shape.weightCount).map { dw[$0] }
    self.results = results
  }
}

/// A tensor whose voxels lie further apart than its channels, as a part of a joined feature does.
private struct EdgeTensor {
  let base: UnsafeMutablePointer<Float>
  let stride: Int
  let read: TensorRead
  private let shape: TensorShape

  private init(_ shape: TensorShape, _ values: [Float], seed: UInt64, _ memory: EdgeMemory) {
    self.shape = shape
    stride = shape.channels + 2
    base = memory.place(Array(values.prefix((shape.rows - 1) * (shape.channels + 2) + shape.channels)))
    func row(_ index: UInt64, mean: Double) -> UnsafePointer<Float> {
      let count = shape.batch * shape.channels
      return UnsafePointer(memory.place(randomValues(count, seed: 16 * seed + index, mean: mean)))
    }
    let slope = memory.place([Float](repeating: 0.01, count: shape.batch * shape.channels))
    let terms = NormTerms(
      scale: row(1, mean: 1), shift: row(2, mean: 0), slope: UnsafePointer(slope), mean: row(3, mean: 0),
      a: row(4, mean: 0), b: row(5, mean: 0))
    read = TensorRead(base: base, stride: stride, norm: terms, normStep: shape.channels)
  }

  init(_ shape: TensorShape, seed: UInt64, _ memory: EdgeMemory) {
    self.init(
      shape, randomValues(shape.rows * (shape.channels + 2), seed: seed), seed: seed, memory)
  }

  /// Values that no pass may leave standing.
  init(unset shape: TensorShape, _ memory: EdgeMemory) {
    let count = shape.rows * (shape.channels + 2)
    self.init(shape, [Float](repeating: .nan, count: count), seed: 0, memory)
  }

  /// What lies in the tensor's own channels.
  var values: [Float] {
    (0..<shape.rows).flatMap { row in (0..<shape.channels).map { base[row * stride + $0] } }
  }
}

/// A workspace larger than was asked for, full of NaN: what lies beyond the demand must stay as it is.
private struct WatchedWorkspace {
  private static let margin = 64

  let workspace: Workspace
  private let demand: Workspace.Demand

  init(_ demand: Workspace.Demand) {
    self.demand = demand
    let larger = Workspace.Demand(
      perWorker: demand.perWorker + Self.margin, shared: demand.shared + Self.margin,
      sums: demand.sums + Self.margin)
    workspace = Workspace(larger, threads: 1)
    workspace.worker(0).update(repeating: .nan, count: larger.perWorker)
    workspace.shared.update(repeating: .nan, count: larger.shared)
    workspace.sums.update(repeating: .nan, count: larger.sums)
  }

  var isIntact: Bool {
    (0..<Self.margin).allSatisfy {
      workspace.worker(0)[demand.perWorker + $0].isNaN && workspace.shared[demand.shared + $0].isNaN
        && workspace.sums[demand.sums + $0].isNaN
    }
  }
}
