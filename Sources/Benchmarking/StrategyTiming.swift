import Foundations
import Kernels
import NeuralNetwork
import Tensor

/// Times single passes of one convolution, each by every strategy that serves it.
///
/// Input and output are read and written as inside a network, with normalisation terms and gathered sums.
package struct StrategyTiming {
  private let shape: ConvolutionShape
  private let loop: ParallelLoop
  private let kernels: any KernelSet.Type
  private let tensors: ConvolutionTensors

  package init(
    _ shape: ConvolutionShape, loop: ParallelLoop, kernels: any KernelSet.Type = KernelChoice.current
  ) {
    self.shape = shape
    self.loop = loop
    self.kernels = kernels
    tensors = ConvolutionTensors(shape)
  }

  /// Least milliseconds of a pass by a strategy over `repetitions` after a first one, which warms up.
  ///
  /// A strategy whose first takes more than three times `best` is not repeated: it has lost.
  package func milliseconds(
    _ pass: ConvolutionPass, _ strategy: StrategyName, repetitions: Int, best: Double = .infinity
  ) -> Double {
    let choice = ConvolutionChoice(kernels: kernels.name, override: strategy)
    let convolution = Convolution(shape, choice: choice)
    let context = ConvolutionContext(
      kernels: kernels, workspace: Workspace(convolution.demand(isTraining: true), threads: loop.threads),
      loop: loop)
    func once() -> Double {
      let watch = Stopwatch()
      tensors.run(convolution, pass, context)
      return 1000 * watch.seconds
    }
    var least = once()
    if least > 3 * best { return least }
    for _ in 0..<repetitions { least = min(least, once()) }
    return least
  }
}

/// A convolution's tensors with ordinary numbers in them, which stay so however often a pass is run.
private struct ConvolutionTensors {
  private let shape: ConvolutionShape
  private let x: FloatBuffer
  private let w: FloatBuffer
  private let dy: FloatBuffer
  private let dw: FloatBuffer
  /// Scale, shift, slope, mean, a and b for the wider of the two tensors: 1, 0, 1, 0, 0, 0. So a gradient
  /// that is normalised in place keeps its values.
  private let terms: FloatBuffer
  private let channels: Int

  init(_ shape: ConvolutionShape) {
    self.shape = shape
    func random(_ count: Int) -> FloatBuffer {
      let buffer = FloatBuffer(count: count)
      // A cheap sequence: the values do not matter.
      for i in 0..<count { buffer.pointer[i] = Float((i &* 2_654_435_761) >> 8 & 0xffff) / 32_768 - 1 }
      return buffer
    }
    x = random(shape.input.count)
    w = random(shape.weightCount)
    dy = random(shape.output.count)
    dw = FloatBuffer(count: shape.weightCount)
    channels = max(shape.input.channels, shape.outputChannels)
    terms = FloatBuffer(count: 6 * channels)
    for c in 0..<channels {
      terms.pointer[c] = 1
      terms.pointer[2 * channels + c] = 1
    }
  }

  private func read(_ buffer: FloatBuffer, _ shape: TensorShape) -> TensorRead {
    func row(_ index: Int) -> UnsafePointer<Float> { UnsafePointer(terms.pointer + index * channels) }
    return TensorRead(
      base: buffer.pointer, stride: shape.channels,
      norm: NormTerms(scale: row(0), shift: row(1), slope: row(2), mean: row(3), a: row(4), b: row(5)))
  }

  func run(_ convolution: Convolution, _ pass: ConvolutionPass, _ context: ConvolutionContext) {
    let sums = context.workspace.sums
    switch pass {
    case .forward:
      convolution.forward.run(
        DataCall(
          source: read(x, shape.input), weights: w.pointer,
          target: TensorWrite(base: dy.pointer, stride: shape.outputChannels),
          epilogue: .moments(sums: sums)), context)
    case .inputGradient:
      convolution.inputGradient.run(
        DataCall(
          source: TensorRead(base: dy.pointer, stride: shape.outputChannels), weights: w.pointer,
          target: TensorWrite(base: x.pointer, stride: shape.input.channels),
          epilogue: .normGradient(input: read(x, shape.input), sums: sums)), context)
    case .weightGradient:
      convolution.weightGradient.run(
        WeightCall(
          input: read(x, shape.input),
          gradient: GradientRead(
            values: dy.pointer, stride: shape.outputChannels, output: read(dy, shape.output)),
          weightGradient: dw.pointer), context)
    }
  }
}
