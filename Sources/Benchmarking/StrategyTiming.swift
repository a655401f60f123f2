import Foundations
import Kernels
import NeuralNetwork
import Tensor

/// Times single passes of single convolutions, each by every strategy that serves it.
package struct StrategyTiming {
  private let loop: ParallelLoop
  private let kernels: any KernelSet.Type
  private let repetitions: Int

  package init(loop: ParallelLoop, kernels: any KernelSet.Type = KernelChoice.current, repetitions: Int) {
    self.loop = loop
    self.kernels = kernels
    self.repetitions = repetitions
  }

  /// Least seconds of a pass by a strategy; input and output are read and written as inside a network,
  /// with normalisation terms and gathered sums.
  package func seconds(
    _ shape: ConvolutionShape, _ pass: ConvolutionPass, _ strategy: StrategyName
  ) -> Double {
    let choice = ConvolutionChoice(kernels: kernels.name, override: strategy)
    let run = SinglePass(Convolution(shape, choice: choice), kernels: kernels, loop: loop)
    var least = Double.infinity
    run.run(pass)
    for _ in 0..<repetitions {
      let start = Stopwatch()
      run.run(pass)
      least = min(least, start.seconds)
    }
    return least
  }
}

/// One convolution on random tensors.
private struct SinglePass {
  private let convolution: Convolution
  private let context: ConvolutionContext
  private let x: FloatBuffer
  private let w: FloatBuffer
  private let dy: FloatBuffer
  private let dw: FloatBuffer
  /// Scale, shift, slope, mean, a and b for the wider of the two tensors: 1, 0, 0.01, 0, 0, 0.
  private let terms: FloatBuffer
  private let channels: Int

  init(_ convolution: Convolution, kernels: any KernelSet.Type, loop: ParallelLoop) {
    self.convolution = convolution
    let shape = convolution.shape
    context = ConvolutionContext(
      kernels: kernels, workspace: Workspace(convolution.demand(isTraining: true), threads: loop.threads),
      loop: loop)
    func random(_ count: Int) -> FloatBuffer {
      let buffer = FloatBuffer(count: count)
      // A cheap sequence: the values do not matter, only that they are ordinary numbers.
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
      terms.pointer[2 * channels + c] = 0.01
    }
  }

  private func read(_ buffer: FloatBuffer, _ shape: TensorShape) -> TensorRead {
    func row(_ index: Int) -> UnsafePointer<Float> { UnsafePointer(terms.pointer + index * channels) }
    return TensorRead(
      base: buffer.pointer, stride: shape.channels,
      norm: NormTerms(scale: row(0), shift: row(1), slope: row(2), mean: row(3), a: row(4), b: row(5)))
  }

  func run(_ pass: ConvolutionPass) {
    let shape = convolution.shape
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
