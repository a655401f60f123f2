import Kernels
import Tensor

/// Instance normalisation with affine parameters (Ulyanov et al. 2016, ε 1e-5), then leaky ReLU (slope 0.01).
///
/// Statistics are per sample and channel over all voxels. The input's gradient takes the place of
/// the output's.
struct InstanceNormLayer: Layer {
  static let epsilon = 1e-5
  static let slope: Float = 0.01

  let input: Activation
  let output: Activation
  /// Offsets of the `(channels)` scale and shift parameters.
  let gamma: Int
  let beta: Int
  /// Per sample and channel: scale, shift, mean, 1/deviation, and two gradient terms.
  let statistics: ArenaPlan.Place

  var demand: Workspace.Demand {
    Workspace.Demand(perWorker: 2 * output.shape.channels, shared: 0)
  }

  /// Values that `statistics` must hold.
  static func statisticsCount(_ shape: TensorShape) -> Int { 6 * shape.batch * shape.channels }

  func forward(_ context: StepContext) {
    let shape = output.shape
    let channels = shape.channels
    let x = context.pointer(input.value)
    let y = context.pointer(output.value)
    let pieces = RowPieces(rows: shape.voxels)
    for sample in 0..<shape.batch {
      let base = sample * shape.voxels
      let terms = Terms(context.pointer(statistics), sample: sample, channels: channels)
      reduce(context, pieces: pieces, channels: channels) { range, partial, first, second in
        accumulateMoments(
          x + (base + range.lowerBound) * channels, rows: range.count, channels: channels,
          partial: partial, sums: first, squares: second)
      } finish: { c, sum, squares in
        let mean = sum / Double(shape.voxels)
        let variance = max(0, squares / Double(shape.voxels) - mean * mean)
        let inverse = 1 / (variance + Self.epsilon).squareRoot()
        let scale = Float(Double(context.parameters[gamma + c]) * inverse)
        terms.scale[c] = scale
        terms.shift[c] = context.parameters[beta + c] - Float(mean) * scale
        terms.mean[c] = Float(mean)
        terms.inverse[c] = Float(inverse)
      }
      context.loop.forEach(pieces.count) { index, _ in
        let range = pieces.range(index)
        let offset = (base + range.lowerBound) * channels
        scaleShiftLeaky(
          x + offset, rows: range.count, channels: channels, scale: terms.scale, shift: terms.shift,
          slope: Self.slope, into: y + offset)
      }
    }
  }

  func backward(_ context: StepContext) {
    let shape = output.shape
    let channels = shape.channels
    let x = context.pointer(input.value)
    let dy = context.pointer(output.gradient)
    let dx = context.pointer(input.gradient)
    let pieces = RowPieces(rows: shape.voxels)
    for sample in 0..<shape.batch {
      let base = sample * shape.voxels
      let terms = Terms(context.pointer(statistics), sample: sample, channels: channels)
      reduce(context, pieces: pieces, channels: channels) { range, partial, first, second in
        let offset = (base + range.lowerBound) * channels
        accumulateNormGradient(
          x + offset, dy + offset, rows: range.count, channels: channels, scale: terms.scale,
          shift: terms.shift, mean: terms.mean, slope: Self.slope, partial: partial, sums: first,
          products: second)
      } finish: { c, sum, product in
        let inverse = Double(terms.inverse[c])
        terms.a[c] = Float(sum / Double(shape.voxels))
        terms.b[c] = Float(inverse * inverse * product / Double(shape.voxels))
        let first = sample == 0
        context.gradients[gamma + c] = (first ? 0 : context.gradients[gamma + c]) + Float(inverse * product)
        context.gradients[beta + c] = (first ? 0 : context.gradients[beta + c]) + Float(sum)
      }
      context.loop.forEach(pieces.count) { index, _ in
        let range = pieces.range(index)
        let offset = (base + range.lowerBound) * channels
        normInputGradient(
          x + offset, dy + offset, rows: range.count, channels: channels, scale: terms.scale,
          shift: terms.shift, mean: terms.mean, a: terms.a, b: terms.b, slope: Self.slope,
          into: dx + offset)
      }
    }
  }

  /// Two sums per channel over all pieces, added in the pieces' order.
  private func reduce(
    _ context: StepContext, pieces: RowPieces, channels: Int,
    piece: (
      Range<Int>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>
    ) -> Void,
    finish: (_ channel: Int, _ first: Double, _ second: Double) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: pieces.count * 2 * channels) { partials in
      partials.initialize(repeating: 0)
      let sums = partials.baseAddress!
      context.loop.forEach(pieces.count) { index, worker in
        let first = sums + index * 2 * channels
        piece(pieces.range(index), context.workspace.worker(worker), first, first + channels)
      }
      for c in 0..<channels {
        var first = 0.0
        var second = 0.0
        for index in 0..<pieces.count {
          first += sums[index * 2 * channels + c]
          second += sums[index * 2 * channels + channels + c]
        }
        finish(c, first, second)
      }
    }
  }

  /// The rows of `statistics` for one sample.
  private struct Terms {
    let scale, shift, mean, inverse, a, b: UnsafeMutablePointer<Float>

    init(_ base: UnsafeMutablePointer<Float>, sample: Int, channels: Int) {
      let start = base + sample * 6 * channels
      scale = start
      shift = start + channels
      mean = start + 2 * channels
      inverse = start + 3 * channels
      a = start + 4 * channels
      b = start + 5 * channels
    }
  }
}
