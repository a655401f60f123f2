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

  private var lines: PoolLines { PoolLines(output.shape) }

  func demand(isTraining: Bool) -> Workspace.Demand {
    Workspace.Demand(sums: lines.pieces * 2 * input.shape.channels)
  }

  var forwardWork: Double { 16 * Double(input.shape.count + output.shape.count) }

  var accesses: LayerAccesses {
    let values = input.reads + [output.valueWritten]
    let gradients = [output.gradientRead, input.gradientWritten(isAdding: inputGradient.isAdding)]
    return LayerAccesses(
      forward: values, recompute: values,
      backward: [
        input.reads + gradients + (input.finishedNorm(inputGradient) == nil ? [] : input.sumsWritten)
      ])
  }

  func forward(_ context: StepContext) {
    let (source, target) = (input.read(context), output.write(context))
    context.loop.forEach(lines.pieces) { index, _ in
      context.kernels.maxPool(pool, source: source, lines: lines.piece(index), into: target)
    }
  }

  func recompute(_ context: StepContext) { forward(context) }

  func backward(_ context: StepContext) {
    let gradient = output.writeGradient(context, isAdding: false)
    let target = input.writeGradient(context, isAdding: inputGradient.isAdding)
    let source = input.read(context)
    let sums = PartialSums(
      context, piecesPerSample: lines.piecesPerSample, batch: input.shape.batch,
      channels: input.shape.channels)
    context.loop.forEach(lines.pieces) { index, _ in
      context.kernels.maxPoolGradient(
        pool, source: source, lines: lines.piece(index), gradient: gradient.base,
        gradientStride: gradient.stride,
        into: target, isAdding: inputGradient.isAdding, sums: sums.piece(index))
    }
    if let norm = input.finishedNorm(inputGradient) { sums.finish(norm, context) }
  }
}
