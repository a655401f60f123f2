import Foundations
import Kernels
import Tensor

/// Keeps a copy of a feature as it is read, and of its gradient, until the step ends.
///
/// It stands just behind the layer that computes the feature: on the way back, its turn comes when all readers have
/// added to the gradient.
struct FeatureTapLayer: Layer {
  let name: String
  let input: Feature
  /// Where the copies go.
  let copy: Feature

  private var pieces: SamplePieces { SamplePieces(input.shape) }

  func demand(isTraining: Bool) -> Workspace.Demand { Workspace.Demand() }

  var forwardWork: Double { 32 * Double(input.shape.count) }

  var accesses: LayerAccesses {
    LayerAccesses(
      forward: input.reads + [copy.valueWritten], recompute: [],
      backward: [[input.gradientRead, copy.gradientWritten(isAdding: false)]])
  }

  func forward(_ context: StepContext) {
    let (source, target) = (input.read(context), copy.write(context))
    context.loop.forEach(pieces.count) { index, _ in
      let (sample, rows) = pieces.piece(index)
      context.kernels.readRows(
        source.base + rows.lowerBound * source.stride, stride: source.stride, rows: rows.count,
        channels: input.shape.channels, norm: source.terms(sample: sample),
        into: target.base + rows.lowerBound * target.stride, targetStride: target.stride)
    }
  }

  /// Nothing: the copy is kept.
  func recompute(_ context: StepContext) {}

  func backward(_ context: StepContext) {
    let source = input.writeGradient(context, isAdding: false)
    let target = copy.writeGradient(context, isAdding: false)
    context.loop.forEach(pieces.count) { index, _ in
      let rows = pieces.piece(index).rows
      context.kernels.readRows(
        source.base + rows.lowerBound * source.stride, stride: source.stride, rows: rows.count,
        channels: input.shape.channels, norm: nil, into: target.base + rows.lowerBound * target.stride,
        targetStride: target.stride)
    }
  }
}
