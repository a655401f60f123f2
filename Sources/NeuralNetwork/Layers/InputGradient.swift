import Kernels
import Tensor

/// What happens to the gradient that a layer sends to its input.
enum InputGradient {
  /// The network's input: nobody asks for it.
  case none
  /// First to arrive, another will add: overwrites.
  case begin
  /// The only one: overwrites, and completes the gradient.
  case write
  /// Neither the first nor the last to arrive: adds.
  case more
  /// Others have already written their shares: adds, and completes the gradient.
  case add

  var isAdding: Bool { self == .more || self == .add }
  var isComplete: Bool { self == .write || self == .add }
}

/// Partial sums per piece of work, added in the pieces' order.
struct PartialSums {
  let base: UnsafeMutablePointer<Double>
  let piecesPerSample: Int
  let batch: Int
  let channels: Int

  /// Begins at zero, in the workspace's sums from `offset` on.
  init(_ context: StepContext, piecesPerSample: Int, batch: Int, channels: Int, offset: Int = 0) {
    base = context.workspace.sums + offset
    (self.piecesPerSample, self.batch, self.channels) = (piecesPerSample, batch, channels)
    base.update(repeating: 0, count: count)
  }

  /// Values of all sums.
  var count: Int { piecesPerSample * batch * 2 * channels }

  /// The two runs of sums of one piece of work.
  func piece(_ index: Int) -> UnsafeMutablePointer<Double> { base + index * 2 * channels }

  /// A sample's two sums of one channel.
  func total(sample: Int, channel: Int) -> (first: Double, second: Double) {
    var (first, second) = (0.0, 0.0)
    for piece in sample * piecesPerSample..<(sample + 1) * piecesPerSample {
      first += base[piece * 2 * channels + channel]
      second += base[piece * 2 * channels + channels + channel]
    }
    return (first, second)
  }

  /// Leaves the totals with the normalisation, `(sample, 2, channel)`.
  func finish(_ norm: NormFeature, _ context: StepContext) {
    let out = context.doubles(norm.sums)
    for sample in 0..<batch {
      for c in 0..<channels {
        let (first, second) = total(sample: sample, channel: c)
        out[sample * 2 * channels + c] = first
        out[sample * 2 * channels + channels + c] = second
      }
    }
  }
}
