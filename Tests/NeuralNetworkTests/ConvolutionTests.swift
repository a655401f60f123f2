import Foundations
import Kernels
import NeuralNetwork
import Tensor
import TestSupport
import Testing

/// Every strategy of every pass, on every kernel variant that this CPU runs, against the Float64 reference.
@Suite struct ConvolutionTests {
  static let shapes: [ConvolutionShape] = [
    make(1, (5, 7, 6), 3, 4, k: (3, 3, 3), s: .one, p: (1, 1, 1)),
    make(2, (4, 6, 10), 5, 7, k: (3, 3, 3), s: Axes(2, 2, 2), p: (1, 1, 1)),
    make(1, (5, 7, 9), 2, 3, k: (3, 3, 3), s: Axes(2, 2, 2), p: (1, 1, 1)),
    make(1, (1, 9, 11), 4, 8, k: (1, 3, 3), s: .one, p: (0, 1, 1)),
    make(3, (1, 8, 6), 2, 5, k: (1, 3, 3), s: Axes(1, 2, 2), p: (0, 1, 1)),
    make(1, (1, 1, 1), 3, 2, k: (3, 3, 3), s: .one, p: (1, 1, 1)),
    make(2, (1, 1, 17), 3, 2, k: (3, 3, 3), s: .one, p: (1, 1, 1)),
    make(2, (6, 4, 8), 5, 3, k: (2, 2, 2), s: Axes(2, 2, 2), p: (0, 0, 0)),
    make(1, (3, 5, 4), 6, 4, k: (1, 1, 1), s: .one, p: (0, 0, 0)),
    make(1, (6, 5, 7), 2, 3, k: (1, 1, 1), s: Axes(2, 2, 2), p: (0, 0, 0)),
    make(1, (4, 9, 8), 2, 3, k: (1, 5, 5), s: Axes(1, 3, 2), p: (0, 2, 2)),
    make(2, (3, 12, 9), 20, 33, k: (1, 3, 3), s: .one, p: (0, 1, 1)),
    make(1, (1, 13, 14), 3, 17, k: (1, 5, 5), s: .one, p: (0, 2, 2)),
    make(1, (6, 10, 14), 8, 16, k: (3, 3, 3), s: .one, p: (1, 1, 1)),
    // No padding, and one-sided kernels: 3 along one axis only.
    make(1, (7, 6, 9), 17, 16, k: (3, 3, 3), s: .one, p: (0, 0, 0)),
    make(1, (5, 4, 12), 16, 5, k: (3, 1, 1), s: .one, p: (1, 0, 0)),
  ]

  /// Many weights and few tiles: the staged form of Winograd.
  static let deep = make(2, (1, 6, 8), 256, 256, k: (1, 3, 3), s: .one, p: (0, 1, 1))

  static func make(
    _ batch: Int, _ grid: (Int, Int, Int), _ input: Int, _ output: Int, k: (Int, Int, Int), s: Axes,
    p: (Int, Int, Int)
  ) -> ConvolutionShape {
    ConvolutionShape(
      input: TensorShape(
        batch: batch, depth: grid.0, height: grid.1, width: grid.2, channels: input),
      outputChannels: output, kernel: Axes(k.0, k.1, k.2), stride: s, padding: Axes(p.0, p.1, p.2))
  }

  /// The bound of the issue: 1e-5 for direct paths, for Winograd what the tile states, 1e-4 at most.
  static func bound(_ strategy: StrategyName) -> Double {
    if case .winograd(let tile) = strategy { return tile.errorBound }
    return 1e-5
  }

  @Test func everyTileStatesAtMostTheBoundForTraining() {
    for shape in Self.shapes {
      for case .winograd(let tile) in ConvolutionChoice().candidates(shape, .forward).map(\.strategy) {
        #expect(tile.errorBound <= 1e-4)
      }
    }
  }

  @Test(arguments: Emulation.sample(shapes, every: 4)) func everyStrategyEqualsTheReference(
    _ shape: ConvolutionShape
  ) {
    for kernels in KernelChoice.available {
      for mean in [0.0, 1.0] { check(shape, kernels: kernels, mean: mean) }
    }
  }

  @Test func theStagedFormEqualsTheReference() {
    for kernels in KernelChoice.available.suffix(1) { check(Self.deep, kernels: kernels, mean: 1) }
  }

  private func check(_ shape: ConvolutionShape, kernels: any KernelSet.Type, mean: Double) {
    let data = ConvolutionData(shape, mean: mean)
    let expected = (
      Reference.convolution(shape, data.x.map(Double.init), data.w.map(Double.init)),
      Reference.convolutionInputGradient(shape, data.dy.map(Double.init), data.w.map(Double.init)),
      Reference.convolutionWeightGradient(shape, data.x.map(Double.init), data.dy.map(Double.init))
    )
    let choice = ConvolutionChoice(kernels: kernels.name)
    let names = Set(ConvolutionPass.allCases.flatMap { choice.candidates(shape, $0).map(\.strategy) })
    for name in names {
      let found = data.passes(kernels: kernels, override: name, threads: 2)
      let passes: [(ConvolutionPass, [Float], [Double])] = [
        (.forward, found.y, expected.0), (.inputGradient, found.dx, expected.1),
        (.weightGradient, found.dw, expected.2),
      ]
      for (pass, values, reference) in passes {
        let error = relativeError(values, reference)
        let bound = Self.bound(ConvolutionData.choice(kernels, name).strategy(shape, pass))
        #expect(
          error <= bound, "\(kernels.name), \(name), \(pass.rawValue), \(shape): \(error) over \(bound)")
      }
    }
  }

  @Test(arguments: [shapes[0], shapes[1], shapes[11], shapes[13]])
  func bitsDoNotDependOnThreads(_ shape: ConvolutionShape) {
    let data = ConvolutionData(shape, mean: 0)
    let kernels = KernelChoice.current
    for name in Set(
      ConvolutionPass.allCases.flatMap { ConvolutionChoice().candidates(shape, $0).map(\.strategy) })
    {
      let one = data.passes(kernels: kernels, override: name, threads: 1)
      for threads in [2, 3, 5] {
        #expect(data.passes(kernels: kernels, override: name, threads: threads) == one, "\(name)")
      }
    }
  }

  /// Only strategies without BLAS: its bits follow the CPU by themselves.
  @Test(arguments: shapes) func widerKernelsGiveEqualBits(_ shape: ConvolutionShape) {
    let variants = KernelChoice.available.filter { $0.name != "portable" }
    guard let first = variants.first else { return }
    let data = ConvolutionData(shape, mean: 0.5)
    let names = Set(
      ConvolutionPass.allCases.flatMap { ConvolutionChoice().candidates(shape, $0).map(\.strategy) })
    for name in names where name != .gather {
      let passes = ConvolutionPass.allCases.filter {
        ConvolutionData.choice(first, name).strategy(shape, $0) == name
      }
      let one = data.passes(kernels: first, override: name, threads: 1)
      for other in variants.dropFirst() {
        let found = data.passes(kernels: other, override: name, threads: 1)
        for pass in passes { #expect(found[pass] == one[pass], "\(name), \(pass.rawValue)") }
      }
    }
  }

  @Test(arguments: [shapes[0], shapes[1], shapes[11]])
  func inputGradientsCanAdd(_ shape: ConvolutionShape) {
    let data = ConvolutionData(shape, mean: 0)
    let kernels = KernelChoice.current
    for name in ConvolutionChoice().candidates(shape, .inputGradient).map(\.strategy) {
      let once = data.inputGradient(kernels: kernels, override: name, times: 1)
      let twice = data.inputGradient(kernels: kernels, override: name, times: 2)
      #expect(relativeError(twice, once.map { 2 * Double($0) }) < 1e-6, "\(name)")
    }
  }
}
