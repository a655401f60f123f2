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
  /// Another consumer has already written its share: adds, and completes the gradient.
  case add

  var isAdding: Bool { self == .add }
  var isComplete: Bool { self == .write || self == .add }
}

/// Partial sums per piece of work, added in the pieces' order.
struct PartialSums {
  let base: UnsafeMutablePointer<Double>
  let piecesPerSample: Int
  let batch: Int
  let channels: Int

  /// Begins at zero, in the workspace's sums.
  init(_ context: StepContext, piecesPerSample: Int, batch: Int, channels: Int) {
    base = context.workspace.sums
    (self.piecesPerSample, self.batch, self.channels) = (piecesPerSample, batch, channels)
    base.update(repeating: 0, count: piecesPerSample * batch * 2 * channels)
  }

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
