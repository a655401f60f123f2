import Foundations
import Kernels
import Tensor

/// Memory for making one sample at a time, and the kernels to do it with.
///
/// Channels are worked on as planes, `(channel, depth, height, width)`, and joined into the batch at the end.
package final class PatchWorkspace {
  let kernels: any KernelSet.Type
  let patch: Axes
  let channels: Int
  /// Values from one plane to the next: a little apart, so that equal places do not share a cache set.
  let planeStep: Int
  let planes: UnsafeMutablePointer<Float>
  /// One plane more, for filters and for a line of ghosts.
  let spare: UnsafeMutablePointer<Float>
  /// A line of voxels, with all channels or with reflected ends.
  let line: UnsafeMutablePointer<Float>
  let scratch: UnsafeMutablePointer<Float>
  let zeros: UnsafePointer<Float>
  /// A line's displacements, three rows; and what they are made of.
  let offsets: UnsafeMutablePointer<Float>
  let splineLine: UnsafeMutablePointer<Float>
  /// A line's labels, of ghosts.
  let ghostLabels: UnsafeMutablePointer<UInt8>

  private let memory: FloatBuffer

  /// `kernels` other than the process' own are for tests.
  package init(patch: Axes, channels: Int, kernels: any KernelSet.Type = KernelChoice.current) {
    self.kernels = kernels
    self.patch = patch
    self.channels = channels
    planeStep = (patch.product + 15) / 16 * 16 + 16
    let lineCount = (max(channels * patch.width, patch.width + 16) + 15) / 16 * 16
    let zeroCount = (channels + 15) / 16 * 16
    let spareCount = max(planeStep, (channels * patch.width + 15) / 16 * 16)
    let splineCount = ElasticField.scratchCount(width: patch.width)
    memory = FloatBuffer(
      count: channels * planeStep + spareCount + lineCount + SampleLine.scratchCount + zeroCount
        + 3 * patch.width + splineCount + patch.width)
    planes = memory.pointer
    spare = planes + channels * planeStep
    line = spare + spareCount
    scratch = line + lineCount
    zeros = UnsafePointer(scratch + SampleLine.scratchCount)
    offsets = scratch + SampleLine.scratchCount + zeroCount
    splineLine = offsets + 3 * patch.width
    ghostLabels = UnsafeMutableRawPointer(splineLine + splineCount).assumingMemoryBound(to: UInt8.self)
  }

  /// Makes a sample as drawn: `image` `(depth, height, width, channel)`, `targets` `(depth, height, width)`.
  ///
  /// `fixedAxis` keeps its resolution. Outside the brain the image is 0 again at the end (nnU-Net's
  /// `MaskImageTransform`), as it is in a scan that is predicted.
  package func fill(
    _ item: TrainingCase, _ frame: PatchFrame, _ draw: AugmentationDraw, fixedAxis: Int?,
    image: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<UInt8>
  ) {
    withVolume(item) { volume in
      for row in 0..<(patch.depth * patch.height) {
        readLine(volume, frame, row: row, image: line, labels: targets + row * patch.width)
        kernels.splitChannels(
          line, count: patch.width, channels: channels, into: planes + row * patch.width,
          planeStep: planeStep)
      }
      addGhosts(volume, frame, draw, caseSize: item.size)
    }
    for (channel, draw) in draw.channels.enumerated() {
      let plane = planes + channel * planeStep
      if let slices = draw.slices { thicken(plane, slices) }
      if let field = draw.biasField { apply(field, to: plane, caseSize: item.size) }
    }
    if let noise = draw.noise {
      kernels.addNoise(
        planes, planeStep: planeStep, channels: channels, count: patch.product,
        deviation: Float(noise.deviation), key: noise.key)
    }
    let tones = draw.channels.enumerated().map { change(channel: $0, $1, fixedAxis: fixedAxis) }
    tones.withUnsafeBufferPointer { tones in
      kernels.mergeChannels(
        planes, planeStep: planeStep, count: patch.product, channels: channels, tones: tones.baseAddress!,
        into: image)
    }
    kernels.fill(
      image, where: targets, are: TrainingCase.outside, count: patch.product, channels: channels,
      values: zeros)
    clearOutside(targets)
  }

  /// Changes a channel's plane in nnU-Net's order; returns what remains to be done to it.
  private func change(channel: Int, _ draw: AugmentationDraw.Channel, fixedAxis: Int?) -> Tone {
    let plane = planes + channel * planeStep
    var tone = ChannelTone(plane, count: patch.product, kernels: kernels)
    if let deviation = draw.blur { blur(plane, deviation: deviation) }
    if let factor = draw.brightness { tone.multiply(by: factor) }
    if let factor = draw.contrast { tone.stretch(by: factor) }
    if let scale = draw.lowResolution {
      tone.settleClamp()
      lowerResolution(plane, scale: scale, fixedAxis: fixedAxis)
    }
    if let exponent = draw.invertedGamma { tone.bend(exponent: exponent, isInverted: true) }
    if let exponent = draw.gamma { tone.bend(exponent: exponent, isInverted: false) }
    return tone.tone
  }
}
