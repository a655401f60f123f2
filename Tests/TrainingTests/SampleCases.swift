import Foundations
import Harmonization
import Imaging
import Training

/// Plans and cases for the tests of training.
enum SampleCases {
  /// Every list, and one with all that a plan can add, often.
  static let augmentations: [AugmentationChoice] = {
    var all = AugmentationChoice.nnunet
    (all.elastic, all.biasField, all.ghosting, all.anisotropicBlur) = (0.5, 0.5, 0.5, 0.5)
    return AugmentationChoice.named.map(\.choice) + [all]
  }()

  static func plan(
    patch: [Int], mirror: [String] = ["x", "y", "z"], oversampling: Double = 0, contrasts: [String] = ["t1"],
    labels: Int = 4, dimensions: Int = 3
  ) -> TrainingPlan {
    var plan = BuiltInPlans.unet3d
    plan.dimensions = dimensions
    plan.labels = (0..<labels).map { .init(value: UInt16($0), name: "label \($0)") }
    plan.contrasts = contrasts
    plan.patch = patch
    plan.mirror = mirror
    plan.network.widths = [4, 6]
    plan.network.convolutionsPerStage = 1
    plan.foregroundOversampling = oversampling
    let data = DataFingerprint(
      contrasts: contrasts, labelValues: plan.labels!.map(\.value), medianSpacing: .one,
      medianSize: SIMD3(8, 8, 8))
    do {
      return try plan.resolved(for: data, file: "test")
    } catch {
      preconditionFailure("the test's plan is wrong: \(error)")
    }
  }

  /// Random voxels, none of them 0 (nothing is cropped), and the given labels, or random ones below 4.
  static func harmonized(
    _ size: SIMD3<Int>, channels: Int = 1, labels: [UInt16]? = nil, seed: UInt64 = 1,
    spacing: SIMD3<Double>? = nil
  ) throws -> HarmonizedCase {
    var stream = RandomStream(seed: seed, purpose: .test)
    let geometry = Geometry(size: size, affine: AffineTransform(spacing: .one))
    let images = (0..<channels).map { _ in
      Volume(geometry: geometry, voxels: (0..<geometry.count).map { _ in Float(1 + stream.uniform()) })
    }
    let random = (0..<geometry.count).map { _ in UInt16(stream.integer(below: 4)) }
    let map = LabelVolume(geometry: geometry, labels: labels ?? random)
    let input = HarmonizationInput(
      contrasts: images.indices.map { "contrast \($0)" }, images: images, labels: map)
    return try Harmonizer.harmonize(
      input, to: TargetGrid(spacing: spacing, reorient: false), settings: .standard, loop: .serial)
  }

  /// One slice of a case that was neither cropped nor resampled, as a case of its own with the same voxels.
  static func slice(_ z: Int, of item: HarmonizedCase) throws -> HarmonizedCase {
    let box = GridBox.slice(z, across: 2, of: item.size)
    let geometry = box.geometry(in: item.geometry)
    let length = geometry.count * item.channels
    return HarmonizedCase(
      geometry: geometry, channels: item.channels,
      image: FixedArray(Array(item.image.array[z * length..<(z + 1) * length])), labels: nil,
      restoration: Restoration(
        geometry: geometry, box: GridBox(whole: geometry.size), permutation: .identity,
        change: GridChange(old: geometry.size, new: geometry.size, sliceAxis: nil)), fits: item.fits)
  }
}
