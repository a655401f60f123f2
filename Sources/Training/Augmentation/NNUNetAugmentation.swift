import Foundations
import Tensor

/// nnU-Net's list of augmentations with its probabilities and ranges, in its order, and what a plan adds to it.
///
/// Follows `nnUNetTrainer.get_training_transforms` of nnunetv2 2.8.1 with batchgeneratorsv2 0.3.6: image and labels are
/// interpolated linearly, as there. Gaussian noise takes what nnU-Net calls the variance as the standard deviation, as
/// it does. Three things differ: mirroring comes last there and first here, where it costs nothing, for what lies between
/// has no direction; the image is always put back to 0 outside the brain (`MaskImageTransform`), there only where
/// cropping to the brain took a quarter of the median case, for here intensities are always fitted inside it; and the
/// axis that is left alone in anisotropic patches is the shortest, there the one with the largest spacing.
package struct NNUNetAugmentation: Sendable {
  package static let rotationProbability = 0.2
  package static let scalingProbability = 0.2
  package static let scaling = 0.7...1.4
  package static let noiseProbability = 0.1
  package static let noiseDeviation = 0.0...0.1
  package static let blurProbability = 0.2
  package static let blurProbabilityPerChannel = 0.5
  package static let blurDeviation = 0.5...1.0
  package static let brightnessProbability = 0.15
  package static let brightness = 0.75...1.25
  package static let contrastProbability = 0.15
  package static let contrast = 0.75...1.25
  package static let lowResolutionProbability = 0.25
  package static let lowResolutionProbabilityPerChannel = 0.5
  package static let lowResolution = 0.5...1.0
  package static let invertedGammaProbability = 0.1
  package static let gammaProbability = 0.3
  package static let gamma = 0.7...1.5

  // MR artefacts: each contrast has one with this probability, where a patch has it.
  package static let artefactProbabilityPerChannel = 0.5
  /// As many ghosts fit in the case (TorchIO's `RandomGhosting`), each with a share of it, added or taken away.
  package static let ghosts = 4...10
  package static let ghosting = 0.05...0.15
  /// In voxels.
  package static let thickness = 1.5...4.0

  /// Most degrees of rotation either way.
  package let degrees: Double
  /// The axis (0 x, 1 y, 2 z) that rotation goes about and that keeps its scale: z in 2D; in 3D the short side
  /// of a patch more than three times as long elsewhere, as nnU-Net's dummy 2D augmentation; nil turns about
  /// all three.
  package let fixedAxis: Int?
  private let mirrored: [Int]
  private let dimensions: Int
  private let choice: AugmentationChoice

  /// `mirror` holds some of `x`, `y`, `z`.
  package init(dimensions: Int, patch: Axes, mirror: [String], choice: AugmentationChoice = .nnunet) {
    self.dimensions = dimensions
    self.choice = choice
    let sides = [patch.width, patch.height, patch.depth]
    let shortest = sides.firstIndex(of: sides.min() ?? 1) ?? 0
    if dimensions == 2 {
      fixedAxis = 2
      let isLong = 2 * max(patch.width, patch.height) > 3 * min(patch.width, patch.height)
      degrees = isLong ? 15 : 180
    } else if (sides.max() ?? 1) > 3 * sides[shortest] {
      fixedAxis = shortest
      degrees = 180
    } else {
      fixedAxis = nil
      degrees = 30
    }
    mirrored = (0..<3).filter { mirror.contains(["x", "y", "z"][$0]) }
  }

  /// Decides over one sample.
  package func draw(channels: Int, _ stream: inout RandomStream) -> AugmentationDraw {
    var draw = AugmentationDraw(channels: channels)
    let isRotated = stream.happens(Self.rotationProbability)
    let isScaled = stream.happens(Self.scalingProbability)
    if isRotated { draw.rotation = rotation(&stream) }
    if isScaled { draw.scale = stream.uniform(Self.scaling) }
    for axis in mirrored where stream.happens(0.5) { draw.direction[axis] = -1 }
    if stream.happens(Self.noiseProbability) {
      draw.noise = .init(
        deviation: stream.uniform(Self.noiseDeviation), key: SIMD2(stream.nextUInt32(), stream.nextUInt32()))
    }
    if stream.happens(Self.blurProbability) {
      for c in 0..<channels where stream.happens(Self.blurProbabilityPerChannel) {
        draw.channels[c].blur = stream.uniforms(Self.blurDeviation)
      }
    }
    if stream.happens(Self.brightnessProbability) {
      for c in 0..<channels { draw.channels[c].brightness = stream.factor(Self.brightness) }
    }
    if stream.happens(Self.contrastProbability) {
      for c in 0..<channels { draw.channels[c].contrast = stream.factor(Self.contrast) }
    }
    if stream.happens(Self.lowResolutionProbability) {
      for c in 0..<channels where stream.happens(Self.lowResolutionProbabilityPerChannel) {
        draw.channels[c].lowResolution = stream.uniform(Self.lowResolution)
      }
    }
    if stream.happens(Self.invertedGammaProbability) {
      for c in 0..<channels { draw.channels[c].invertedGamma = stream.factor(Self.gamma) }
    }
    if stream.happens(Self.gammaProbability) {
      for c in 0..<channels { draw.channels[c].gamma = stream.factor(Self.gamma) }
    }
    // Last, so that they shift none of the others.
    if stream.happens(choice.elastic) {
      draw.elastic = .init(
        magnitude: stream.uniform(0...choice.elasticMagnitude),
        key: SIMD2(stream.nextUInt32(), stream.nextUInt32()))
    }
    drawArtefacts(into: &draw, &stream)
    return draw
  }

  private func drawArtefacts(into draw: inout AugmentationDraw, _ stream: inout RandomStream) {
    let axes = (0..<dimensions).filter { $0 != fixedAxis }
    let channels = draw.channels.indices
    if stream.happens(choice.ghosting) {
      draw.ghosts = .init(
        axis: axes[stream.integer(below: axes.count)],
        count: Self.ghosts.lowerBound + stream.integer(below: Self.ghosts.count))
      for c in channels where stream.happens(Self.artefactProbabilityPerChannel) {
        let share = stream.uniform(Self.ghosting)
        draw.channels[c].ghosting = stream.happens(0.5) ? share : -share
      }
    }
    if stream.happens(choice.anisotropicBlur) {
      for c in channels where stream.happens(Self.artefactProbabilityPerChannel) {
        draw.channels[c].slices = .init(
          axis: axes[stream.integer(below: axes.count)], thickness: stream.uniform(Self.thickness))
      }
    }
    if stream.happens(choice.biasField) {
      let count = BiasFieldDraw.powers(dimensions: dimensions).count
      for c in channels where stream.happens(Self.artefactProbabilityPerChannel) {
        draw.channels[c].biasField = BiasFieldDraw(
          dimensions: dimensions,
          coefficients: (0..<count).map { _ in stream.uniform(BiasFieldDraw.range) })
      }
    }
  }

  private func rotation(_ stream: inout RandomStream) -> SIMD3<Double> {
    let most = degrees * Double.pi / 180
    guard let fixedAxis else { return stream.uniforms(-most...most) }
    var angles = SIMD3<Double>.zero
    angles[fixedAxis] = stream.uniform(-most...most)
    return angles
  }
}

extension RandomStream {
  /// True with a probability.
  fileprivate mutating func happens(_ probability: Double) -> Bool { uniform() < probability }

  /// Three numbers of a range.
  fileprivate mutating func uniforms(_ range: ClosedRange<Double>) -> SIMD3<Double> {
    SIMD3(uniform(range), uniform(range), uniform(range))
  }

  /// A factor as often below 1 as above (batchgenerators' `BGContrast`).
  fileprivate mutating func factor(_ range: ClosedRange<Double>) -> Double {
    happens(0.5) ? uniform(range.lowerBound...1) : uniform(1...range.upperBound)
  }
}
