import Kernels
import Tensor

/// Average pooling without overlap, as the skip of a strided residual block begins (He et al. 2019).
///
/// Another reader of its input, the block's first convolution, completes that one's gradient.
struct AveragePoolLayer: Layer {
  let name: String
  let window: Axes
  let input: Feature
  let output: Feature
  /// Whether the input's gradient has been begun.
  let isAdding: Bool

  private var pool: PoolBlock {
    PoolBlock(input: input.shape.grid.triple, window: window.triple, channels: input.shape.channels)
  }

  private var lines: PoolLines { PoolLines(output.shape) }

  func demand(isTraining: Bool) -> Workspace.Demand { Workspace.Demand() }

  var forwardWork: Double { 16 * Double(input.shape.count + output.shape.count) }

  var accesses: LayerAccesses {
    let values = input.reads + [output.valueWritten]
    return LayerAccesses(
      forward: values, recompute: values,
      backward: [[output.gradientRead, input.gradientWritten(isAdding: isAdding)]])
  }

  func forward(_ context: StepContext) {
    let (source, target) = (input.read(context), output.write(context))
    context.loop.forEach(lines.pieces) { index, _ in
      context.kernels.averagePool(pool, source: source, lines: lines.piece(index), into: target)
    }
  }

  func recompute(_ context: StepContext) { forward(context) }

  func backward(_ context: StepContext) {
    let gradient = output.writeGradient(context, isAdding: false)
    let target = input.writeGradient(context, isAdding: isAdding)
    context.loop.forEach(lines.pieces) { index, _ in
      context.kernels.averagePoolGradient(
        pool, lines: lines.piece(index), gradient: gradient.base, gradientStride: gradient.stride,
        into: target)
    }
  }
}

/// A pool's output lines, over batch, depth and height, in pieces within a sample.
struct PoolLines {
  private let perSample: Int
  private let batch: Int

  init(_ output: TensorShape) { (perSample, batch) = (output.depth * output.height, output.batch) }

  var piecesPerSample: Int { min(16, perSample) }
  var pieces: Int { piecesPerSample * batch }

  func piece(_ index: Int) -> Range<Int> {
    let (sample, piece) = (index / piecesPerSample, index % piecesPerSample)
    let first = sample * perSample
    return (first + perSample * piece / piecesPerSample)..<(first + perSample * (piece + 1) / piecesPerSample)
  }
}
