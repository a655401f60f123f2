import Foundations
import Kernels
import Tensor

/// A transposed convolution whose kernel is its stride, with bias: each voxel becomes a block of `step` voxels.
///
/// Weights lie as `(step…, fine channels, coarse channels)`: those of the convolution that it is the adjoint
/// of. Nothing overlaps, and along a line the voxels of one tap lie evenly apart: every product reads and
/// writes the fine tensor where it lies.
struct TransposedConvolutionLayer: Layer {
  let name: String
  let step: Axes
  let input: Feature
  let output: Feature
  let weights: Int
  let bias: Int
  /// Terms of the joined feature that the output is the first part of; its own are the identity.
  let joined: NormFeature
  let inputGradient: InputGradient

  var coarse: Int { input.shape.channels }
  var fine: Int { output.shape.channels }
  var taps: Int { step.product }
  /// Coarse voxels of the whole batch.
  var voxels: Int { input.shape.rows }
  var lines: CoarseLines { CoarseLines(input: input.shape, output: output.shape, step: step) }
  /// Values of the weights in panels of fine channels, and in panels of coarse ones.
  private var finePanels: Int { taps * lanes(fine) * coarse }
  private var coarsePanels: Int { lanes(coarse) * taps * fine }
  /// Values of the weight gradient, rows padded to whole registers.
  var weightSize: Int { taps * fine * lanes(coarse) }
  /// Many weights and few voxels: each part of the weight gradient is summed over all voxels at once.
  var isStaged: Bool { weightSize > 65_536 && voxels * lanes(coarse) < 4_000_000 }
  /// Stretches of pieces whose weight gradients are summed apart; by shape alone.
  var chunks: Int { min(4, lines.pieces) }

  func demand(isTraining: Bool) -> Workspace.Demand {
    let rows = lines.rowsPerPiece * lanes(coarse)
    if !isTraining { return Workspace.Demand(perWorker: rows, shared: finePanels) }
    let gradient = isStaged ? voxels * lanes(coarse) : chunks * weightSize
    return Workspace.Demand(
      perWorker: max(rows, isStaged ? 32 * (voxels + lanes(coarse)) : 0),
      shared: max(finePanels, coarsePanels + gradient),
      sums: lines.pieces * (2 * coarse + fine))
  }

  var forwardWork: Double {
    Double(input.shape.rows) * Double(taps * fine * coarse)
      + 16 * Double(input.shape.count + output.shape.count)
  }

  var accesses: LayerAccesses {
    // Recomputing writes the identity's terms too.
    let values = input.reads + [output.valueWritten] + output.termsWritten
    let gradients = [output.gradientRead, input.gradientWritten(isAdding: inputGradient.isAdding)]
    return LayerAccesses(
      forward: values, recompute: values,
      backward: [
        input.reads + gradients + (input.finishedNorm(inputGradient) == nil ? [] : input.sumsWritten)
      ])
  }

  func forward(_ context: StepContext) {
    joined.setIdentity(context, batch: output.shape.batch, channels: fine, slope: 1)
    let packed = context.workspace.shared
    packForward(context, into: packed)
    let target = output.write(context)
    context.loop.forEach(lines.pieces) { index, worker in
      let x = context.workspace.worker(worker)
      readRows(context, piece: index, into: x)
      for (place, line) in lines.lines(of: index).enumerated() {
        for tap in 0..<taps {
          withUnsafePointer(to: UnsafePointer(x + place * lines.width * lanes(coarse))) { segment in
            context.kernels.multiply(
              Product(
                rows: lines.width, columns: fine, segments: segment, length: coarse, rowStep: lanes(coarse),
                depthStep: 1, b: packed + tap * lanes(fine) * coarse, bPanelStep: coarse * 16, bDepthStep: 16,
                c: target.base + lines.fineVoxel(line, tap: tap) * target.stride,
                cStride: step.width * target.stride, isAdding: false, bias: context.parameters + bias))
          }
        }
      }
    }
  }

  /// (tap, panel of fine channels, coarse channel, 16).
  private func packForward(_ context: StepContext, into packed: UnsafeMutablePointer<Float>) {
    let panels = lanes(fine) / 16
    context.loop.forEach(taps * panels) { index, _ in
      let (tap, first) = (index / panels, index % panels * 16)
      context.kernels.packPanel(
        context.parameters + weights + (tap * fine + first) * coarse, rowStep: coarse,
        rows: min(16, fine - first), depth: coarse, into: packed + index * coarse * 16)
    }
  }

  func recompute(_ context: StepContext) { forward(context) }

  /// A piece's voxels as they are read, rows padded to whole registers.
  func readRows(_ context: StepContext, piece: Int, into x: UnsafeMutablePointer<Float>) {
    let range = lines.lines(of: piece)
    let (first, count) = (range.lowerBound * lines.width, range.count * lines.width)
    let source = input.read(context)
    if lanes(coarse) != coarse { x.update(repeating: 0, count: count * lanes(coarse)) }
    context.kernels.readRows(
      source.base + first * source.stride, stride: source.stride, rows: count, channels: coarse,
      norm: source.terms(sample: lines.sample(of: range.lowerBound)), into: x, targetStride: lanes(coarse))
  }
}

/// The coarse tensor's lines along the width, over batch, depth and height, in pieces within a sample.
struct CoarseLines {
  let input: TensorShape
  let output: TensorShape
  let step: Axes

  var width: Int { input.width }
  private var linesPerSample: Int { input.depth * input.height }
  private var linesPerPiece: Int {
    max(1, min((linesPerSample + 7) / 8, 32_768 / (width * lanes(input.channels))))
  }
  var rowsPerPiece: Int { linesPerPiece * width }
  var piecesPerSample: Int { (linesPerSample + linesPerPiece - 1) / linesPerPiece }
  var pieces: Int { piecesPerSample * input.batch }

  func sample(of line: Int) -> Int { line / linesPerSample }

  func lines(of piece: Int) -> Range<Int> {
    let (sample, index) = (piece / piecesPerSample, piece % piecesPerSample)
    let first = sample * linesPerSample
    return (first + index * linesPerPiece)..<(first + min(linesPerSample, (index + 1) * linesPerPiece))
  }

  /// The fine voxel of a tap at a line's first place; the next place's lies `step.width` further.
  func fineVoxel(_ line: Int, tap: Int) -> Int {
    let (h, rest) = (line % input.height, line / input.height)
    let (d, sample) = (rest % input.depth, rest / input.depth)
    let w = tap % step.width
    let y = h * step.height + tap / step.width % step.height
    let z = d * step.depth + tap / step.width / step.height
    return ((sample * output.depth + z) * output.height + y) * output.width + w
  }
}
