import Foundations
import Kernels
import NeuralNetwork
import Tensor

/// Random input, weights and output gradient of a convolution, and its passes by a strategy.
struct ConvolutionData {
  let shape: ConvolutionShape
  let x: [Float]
  let w: [Float]
  let dy: [Float]

  struct Results: Equatable {
    var y: [Float]
    var dx: [Float]
    var dw: [Float]

    subscript(_ pass: ConvolutionPass) -> [Float] {
      switch pass {
      case .forward: y
      case .inputGradient: dx
      case .weightGradient: dw
      }
    }
  }

  init(_ shape: ConvolutionShape, mean: Double) {
    self.shape = shape
    x = randomValues(shape.input.count, seed: 1, mean: mean)
    w = randomValues(shape.weightCount, seed: 2)
    dy = randomValues(shape.output.count, seed: 3, mean: mean)
  }

  init(_ shape: ConvolutionShape, x: [Float], w: [Float], dy: [Float]) {
    (self.shape, self.x, self.w, self.dy) = (shape, x, w, dy)
  }

  static func choice(_ kernels: any KernelSet.Type, _ override: StrategyName) -> ConvolutionChoice {
    ConvolutionChoice(kernels: kernels.name, override: override)
  }

  private func context(
    _ convolution: Convolution, kernels: any KernelSet.Type, threads: Int
  ) -> ConvolutionContext {
    ConvolutionContext(
      kernels: kernels, workspace: Workspace(convolution.demand(isTraining: true), threads: threads),
      loop: ParallelLoop(threads: threads))
  }

  /// All three passes, on targets that hold stale values which must not show through.
  func passes(kernels: any KernelSet.Type, override: StrategyName, threads: Int) -> Results {
    let convolution = Convolution(shape, choice: Self.choice(kernels, override))
    let context = context(convolution, kernels: kernels, threads: threads)
    let (input, weights, gradient) = (FloatBuffer(x), FloatBuffer(w), FloatBuffer(dy))
    let y = FloatBuffer(count: shape.output.count)
    let dx = FloatBuffer(count: shape.input.count)
    let dw = FloatBuffer(count: shape.weightCount)
    for buffer in [y, dx, dw] { buffer.fill(with: .nan) }
    convolution.forward.run(
      DataCall(
        source: TensorRead(base: input.pointer, stride: shape.input.channels), weights: weights.pointer,
        target: TensorWrite(base: y.pointer, stride: shape.outputChannels)), context)
    convolution.inputGradient.run(
      DataCall(
        source: TensorRead(base: gradient.pointer, stride: shape.outputChannels), weights: weights.pointer,
        target: TensorWrite(base: dx.pointer, stride: shape.input.channels)), context)
    convolution.weightGradient.run(
      WeightCall(
        input: TensorRead(base: input.pointer, stride: shape.input.channels),
        gradient: GradientRead(values: gradient.pointer, stride: shape.outputChannels, output: nil),
        weightGradient: dw.pointer), context)
    return Results(y: y.values, dx: dx.values, dw: dw.values)
  }

  /// The input gradient, written once and then added.
  func inputGradient(kernels: any KernelSet.Type, override: StrategyName, times: Int) -> [Float] {
    let convolution = Convolution(shape, choice: Self.choice(kernels, override))
    let context = context(convolution, kernels: kernels, threads: 1)
    let (weights, gradient) = (FloatBuffer(w), FloatBuffer(dy))
    let dx = FloatBuffer(count: shape.input.count)
    dx.fill(with: .nan)
    for time in 0..<times {
      convolution.inputGradient.run(
        DataCall(
          source: TensorRead(base: gradient.pointer, stride: shape.outputChannels),
          weights: weights.pointer,
          target: TensorWrite(base: dx.pointer, stride: shape.input.channels, isAdding: time > 0)), context)
    }
    return dx.values
  }
}
