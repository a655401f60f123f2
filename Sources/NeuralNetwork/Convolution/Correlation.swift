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

  /// One panel of 16 target channels of the weights: `(tap, source channel, 16)`, zero beyond the last channel.
  func pack(
    _ weights: UnsafePointer<Float>, panel: Int, kernels: any KernelSet.Type,
    into packed: UnsafeMutablePointer<Float>
  ) {
    let taps = kernel.product
    let lanes = min(16, target.channels - panel * 16)
    for tap in 0..<taps {
      let from = weights + (isFlipped ? taps - 1 - tap : tap) * tapStep + panel * 16 * targetStep
      let to = packed + tap * source.channels * 16
      if sourceStep == 1 {
        kernels.packPanel(from, rowStep: targetStep, rows: lanes, depth: source.channels, into: to)
      } else {
        kernels.readRows(
          from, stride: sourceStep, rows: source.channels, channels: lanes, norm: nil, into: to,
          targetStride: 16)
        if lanes < 16 { clearTail(to, lanes: lanes) }
      }
    }
  }

  private func clearTail(_ panel: UnsafeMutablePointer<Float>, lanes: Int) {
    for c in 0..<source.channels {
      for lane in lanes..<16 { panel[c &* 16 &+ lane] = 0 }
    }
  }
}
