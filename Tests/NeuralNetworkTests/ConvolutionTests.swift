import Foundations
import NeuralNetwork
import Tensor
import Testing

/// The three passes against the Float64 reference, on odd shapes.
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
    make(1, (12, 20, 24), 8, 16, k: (3, 3, 3), s: .one, p: (1, 1, 1)),
  ]

  static func make(
    _ batch: Int, _ grid: (Int, Int, Int), _ input: Int, _ output: Int, k: (Int, Int, Int), s: Axes,
    p: (Int, Int, Int)
  ) -> ConvolutionShape {
    ConvolutionShape(
      input: TensorShape(
        batch: batch, depth: grid.0, height: grid.1, width: grid.2, channels: input),
      outputChannels: output, kernel: Axes(k.0, k.1, k.2), stride: s, padding: Axes(p.0, p.1, p.2))
  }

  @Test(arguments: shapes, [1, 2])
  func equalsReference(_ shape: ConvolutionShape, threads: Int) {
    let x = randomValues(shape.input.count, seed: 1, mean: 1)
    let w = randomValues(shape.weightCount, seed: 2)
    let dy = randomValues(shape.output.count, seed: 3, mean: 1)
    let (y, dx, dw) = passes(shape, x, w, dy, threads: threads)
    let bound = 1e-5
    #expect(relativeError(y, Reference.convolution(shape, x.map(Double.init), w.map(Double.init))) < bound)
    #expect(
      relativeError(
        dx, Reference.convolutionInputGradient(shape, dy.map(Double.init), w.map(Double.init))) < bound)
    #expect(
      relativeError(
        dw, Reference.convolutionWeightGradient(shape, x.map(Double.init), dy.map(Double.init))) < bound)
  }

  @Test func bitsDoNotDependOnThreads() {
    let shape = Self.shapes[11]
    let x = randomValues(shape.input.count, seed: 4)
    let w = randomValues(shape.weightCount, seed: 5)
    let dy = randomValues(shape.output.count, seed: 6)
    let one = passes(shape, x, w, dy, threads: 1)
    for threads in [2, 3, 5] {
      let many = passes(shape, x, w, dy, threads: threads)
      #expect(one.0 == many.0)
      #expect(one.1 == many.1)
      #expect(one.2 == many.2)
    }
  }

  @Test func inputGradientCanAdd() {
    let shape = Self.shapes[1]
    let w = FloatBuffer(randomValues(shape.weightCount, seed: 2))
    let dy = FloatBuffer(randomValues(shape.output.count, seed: 3))
    let convolution = Convolution(shape)
    let workspace = Workspace(convolution.demand, threads: 1)
    let once = FloatBuffer(count: shape.input.count)
    let twice = FloatBuffer(count: shape.input.count)
    for (buffer, adding) in [(once, false), (twice, false), (twice, true)] {
      convolution.inputGradient(
        outputGradient: dy.pointer, weights: w.pointer, adding: adding, inputGradient: buffer.pointer,
        workspace: workspace, loop: .serial)
    }
    #expect(relativeError(twice.values, once.values.map { 2 * Double($0) }) < 1e-6)
  }

  private func passes(
    _ shape: ConvolutionShape, _ x: [Float], _ w: [Float], _ dy: [Float], threads: Int
  ) -> ([Float], [Float], [Float]) {
    let loop = ParallelLoop(threads: threads)
    let convolution = Convolution(shape)
    let workspace = Workspace(convolution.demand, threads: threads)
    let (input, weights, gradient) = (FloatBuffer(x), FloatBuffer(w), FloatBuffer(dy))
    let y = FloatBuffer(count: shape.output.count)
    let dx = FloatBuffer(count: shape.input.count)
    let dw = FloatBuffer(count: shape.weightCount)
    // Stale values must not show through.
    for buffer in [y, dx, dw] { buffer.fill(with: .nan) }
    convolution.forward(
      input: input.pointer, weights: weights.pointer, output: y.pointer, workspace: workspace, loop: loop)
    convolution.inputGradient(
      outputGradient: gradient.pointer, weights: weights.pointer, adding: false,
      inputGradient: dx.pointer, workspace: workspace, loop: loop)
    convolution.weightGradient(
      input: input.pointer, outputGradient: gradient.pointer, weightGradient: dw.pointer,
      workspace: workspace, loop: loop)
    return (y.values, dx.values, dw.values)
  }
}
