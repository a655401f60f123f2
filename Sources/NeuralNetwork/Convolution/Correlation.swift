import Kernels
import Tensor

/// A stride-1 pass as a correlation of a source with the weights: the forward pass, or the input
/// gradient with the taps read backwards and the channels exchanged.
struct Correlation: Sendable {
  let source: TensorShape
  let target: TensorShape
  let kernel: Axes
  let padding: Axes
  let isFlipped: Bool
  /// Values between taps, and between source and target channels, in the weights.
  let tapStep: Int
  let sourceStep: Int
  let targetStep: Int

  static func forward(_ shape: ConvolutionShape) -> Correlation {
    Correlation(
      source: shape.input, target: shape.output, kernel: shape.kernel, padding: shape.padding,
      isFlipped: false, tapStep: shape.input.channels * shape.outputChannels,
      sourceStep: shape.outputChannels, targetStep: 1)
  }

  /// Nil where the convolution has a stride, or padding beyond its kernel.
  static func inputGradient(_ shape: ConvolutionShape) -> Correlation? {
    let padding = Axes(
      shape.kernel.depth - 1 - shape.padding.depth, shape.kernel.height - 1 - shape.padding.height,
      shape.kernel.width - 1 - shape.padding.width)
    guard shape.stride == .one, padding.depth >= 0, padding.height >= 0, padding.width >= 0 else {
      return nil
    }
    return Correlation(
      source: shape.output, target: shape.input, kernel: shape.kernel, padding: padding, isFlipped: true,
      tapStep: shape.input.channels * shape.outputChannels, sourceStep: 1, targetStep: shape.outputChannels)
  }

  /// The weights in panels of 16 target channels: `(panel, tap, source channel, 16)`, zero beyond the last.
  func pack(
    _ weights: UnsafePointer<Float>, panels: Range<Int>, into packed: UnsafeMutablePointer<Float>
  ) {
    let taps = kernel.product
    for panel in panels {
      let lanes = min(16, target.channels - panel * 16)
      for tap in 0..<taps {
        let from = weights + (isFlipped ? taps - 1 - tap : tap) * tapStep + panel * 16 * targetStep
        let to = packed + ((panel - panels.lowerBound) * taps + tap) * source.channels * 16
        for c in 0..<source.channels {
          for lane in 0..<16 {
            to[c &* 16 &+ lane] = lane < lanes ? from[c &* sourceStep &+ lane &* targetStep] : 0
          }
        }
      }
    }
  }
}
