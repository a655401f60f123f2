import Kernels
import Tensor

/// Max pooling without overlap; the gradient goes to each window's first maximum.
struct MaxPoolLayer: Layer {
  let name: String
  let window: Axes
  let input: Feature
  let output: Feature
  let inputGradient: InputGradient

  private var pool: PoolBlock {
    PoolBlock(input: input.shape.grid.triple, window: window.triple, channels: input.shape.channels)
  }

  private var linesPerSample: Int { output.shape.depth * output.shape.height }
  private var piecesPerSample: Int { min(16, linesPerSample) }

  private func lines(_ index: Int) -> Range<Int> {
    let (sample, piece) = (index / piecesPerSample, index % piecesPerSample)
    let first = sample * linesPerSample
    return
      (first + linesPerSample * piece / piecesPerSample)..<(first
      + linesPerSample * (piece + 1) / piecesPerSample)
  }

  func demand(isTraining: Bool) -> Workspace.Demand {
    Workspace.Demand(sums: piecesPerSample * input.shape.batch * 2 * input.shape.channels)
  }

  var forwardWork: Double { 16 * Double(input.shape.count + output.shape.count) }

  var accesses: LayerAccesses {
    let values = input.reads + [output.valueWritten]
    let gradients = [output.gradientRead, input.gradientWritten(isAdding: inputGradient.isAdding)]
    return LayerAccesses(
      forward: values, recompute: values,
      backward: [input.reads + gradients + (inputGradient.isComplete ? input.sumsWritten : [])])
  }

  func forward(_ context: StepContext) {
    let (source, target) = (input.read(context), output.write(context))
    context.loop.forEach(piecesPerSample * input.shape.batch) { index, _ in
      context.kernels.maxPool(pool, source: source, lines: lines(index), into: target)
    }
  }

  func recompute(_ context: StepContext) { forward(context) }

  func backward(_ context: StepContext) {
    let gradient = output.writeGradient(context, isAdding: false)
    let target = input.writeGradient(context, isAdding: inputGradient.isAdding)
    let source = input.read(context)
    let sums = PartialSums(
      context, piecesPerSample: piecesPerSample, batch: input.shape.batch, channels: input.shape.channels)
    context.loop.forEach(piecesPerSample * input.shape.batch) { index, _ in
      context.kernels.maxPoolGradient(
        pool, source: source, lines: lines(index), gradient: gradient.base, gradientStride: gradient.stride,
        into: target, isAdding: inputGradient.isAdding, sums: sums.base + index * 2 * input.shape.channels)
    }
    if let norm = input.norm, inputGradient.isComplete { sums.finish(norm, context) }
  }
}
