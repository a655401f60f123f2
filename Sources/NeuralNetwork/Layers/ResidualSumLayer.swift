import Foundations
import Kernels
import Tensor

/// The end of a residual block: the main path's normalised feature plus the skip's, then leaky ReLU, which readers
/// of the sum apply (He et al. 2016).
///
/// On the way back the sum's gradient becomes that before the activation, in its place: `main` has its gradient there.
struct ResidualSumLayer: Layer {
  let name: String
  /// The block's last convolution, normalised, without an activation.
  let main: Feature
  /// The block's input, what was pooled of it, or its projection.
  let skip: Feature
  /// Its terms normalise nothing and activate.
  let output: Feature
  let skipGradient: InputGradient

  private var pieces: SamplePieces { SamplePieces(output.shape) }

  func demand(isTraining: Bool) -> Workspace.Demand {
    Workspace.Demand(sums: isTraining ? 2 * pieces.count * 2 * output.shape.channels : 0)
  }

  var forwardWork: Double { 48 * Double(output.shape.count) }

  var accesses: LayerAccesses {
    let values = main.reads + skip.reads + [output.valueWritten]
    var gradients = [output.gradientRead] + output.reads + main.reads + main.sumsWritten
    gradients.append(skip.gradientWritten(isAdding: skipGradient.isAdding))
    if skip.finishedNorm(skipGradient) != nil { gradients += skip.reads + skip.sumsWritten }
    return LayerAccesses(
      forward: values + output.termsWritten, recompute: values, backward: [gradients])
  }

  func forward(_ context: StepContext) {
    output.norm?.setIdentity(
      context, batch: output.shape.batch, channels: output.shape.channels, slope: InstanceNorm.leakySlope)
    recompute(context)
  }

  func recompute(_ context: StepContext) {
    let (main, skip, target) = (main.read(context), skip.read(context), output.write(context))
    context.loop.forEach(pieces.count) { index, _ in
      let (sample, rows) = pieces.piece(index)
      context.kernels.addRows(
        main.rows(from: rows.lowerBound, sample: sample), skip.rows(from: rows.lowerBound, sample: sample),
        rows: rows.count, channels: output.shape.channels,
        into: target.base + rows.lowerBound * target.stride, targetStride: target.stride)
    }
  }

  func backward(_ context: StepContext) {
    let (batch, channels) = (output.shape.batch, output.shape.channels)
    let mainSums = PartialSums(
      context, piecesPerSample: pieces.perSample, batch: batch, channels: channels)
    let skipSums = PartialSums(
      context, piecesPerSample: pieces.perSample, batch: batch, channels: channels, offset: mainSums.count)
    context.loop.forEach(pieces.count) { index, _ in
      for stretch in pieces.stretches(index) {
        sendBack(
          stretch, mainSums: mainSums.piece(index), skipSums: skipSums.piece(index),
          sample: index / pieces.perSample, context)
      }
    }
    if let norm = main.finishedNorm(.write) { mainSums.finish(norm, context) }
    if let norm = skip.finishedNorm(skipGradient) { skipSums.finish(norm, context) }
  }

  /// One stretch of rows that stays in a core's cache: the activation's gradient, to both paths, with their sums.
  private func sendBack(
    _ rows: Range<Int>, mainSums: UnsafeMutablePointer<Double>, skipSums: UnsafeMutablePointer<Double>,
    sample: Int, _ context: StepContext
  ) {
    let (kernels, channels, first) = (context.kernels, output.shape.channels, rows.lowerBound)
    let (gradient, target) = (
      output.writeGradient(context, isAdding: false), skip.writeGradient(context, isAdding: false)
    )
    let base = gradient.base + first * gradient.stride
    let sum = output.read(context).rows(from: first, sample: sample)
    if let terms = sum.norm {
      kernels.normInputGradient(
        sum.base, stride: sum.stride, gradient: base, gradientStride: gradient.stride, rows: rows.count,
        channels: channels, norm: terms)
    }
    accumulate(main, base, stride: gradient.stride, rows, sample: sample, sums: mainSums, context)
    let out = target.base + first * target.stride
    if skipGradient.isAdding {
      kernels.addRows(
        TensorRead(base: UnsafePointer(out), stride: target.stride),
        TensorRead(base: UnsafePointer(base), stride: gradient.stride), rows: rows.count, channels: channels,
        into: out, targetStride: target.stride)
    } else {
      kernels.readRows(
        base, stride: gradient.stride, rows: rows.count, channels: channels, norm: nil, into: out,
        targetStride: target.stride)
    }
    if skip.finishedNorm(skipGradient) != nil {
      accumulate(skip, out, stride: target.stride, rows, sample: sample, sums: skipSums, context)
    }
  }

  private func accumulate(
    _ feature: Feature, _ gradient: UnsafePointer<Float>, stride: Int, _ rows: Range<Int>, sample: Int,
    sums: UnsafeMutablePointer<Double>, _ context: StepContext
  ) {
    let x = feature.read(context).rows(from: rows.lowerBound, sample: sample)
    guard let terms = x.norm else { return }
    context.kernels.accumulateNormGradient(
      x.base, stride: x.stride, gradient: gradient, gradientStride: stride, rows: rows.count,
      channels: output.shape.channels, norm: terms, sums: sums)
  }
}

/// Each sample's rows cut into pieces by their number alone.
struct SamplePieces {
  private let voxels: Int
  private let batch: Int
  private let channels: Int

  init(_ shape: TensorShape) { (voxels, batch, channels) = (shape.voxels, shape.batch, shape.channels) }

  var perSample: Int { min(16, (voxels + 255) / 256) }
  var count: Int { perSample * batch }

  /// A piece's sample, and its rows counted over the whole batch.
  func piece(_ index: Int) -> (sample: Int, rows: Range<Int>) {
    let (sample, piece) = (index / perSample, index % perSample)
    let first = sample * voxels
    return (sample, (first + voxels * piece / perSample)..<(first + voxels * (piece + 1) / perSample))
  }

  /// A piece's rows in stretches whose tensors stay in a core's cache.
  func stretches(_ index: Int) -> Stretches {
    Stretches(rest: piece(index).rows, length: max(32, 16_384 / channels / 32 * 32))
  }

  struct Stretches: Sequence, IteratorProtocol {
    fileprivate var rest: Range<Int>
    fileprivate let length: Int

    mutating func next() -> Range<Int>? {
      if rest.isEmpty { return nil }
      let end = Swift.min(rest.upperBound, rest.lowerBound + length)
      defer { rest = end..<rest.upperBound }
      return rest.lowerBound..<end
    }
  }
}

extension TensorRead {
  /// The tensor from a row of a sample on, with that sample's terms.
  fileprivate func rows(from row: Int, sample: Int) -> TensorRead {
    TensorRead(base: base + row * stride, stride: stride, norm: terms(sample: sample))
  }
}
