import Foundations
import Imaging

/// Brings cases to a common form, in nnU-Net's order: crop to the brain, closest RAS+, bias field, intensities inside the
/// brain, target spacing.
package enum Harmonizer {
  /// Harmonises one case.
  ///
  /// `fits` are those of an earlier run, one for each contrast: nothing is fitted then. Throws `HarmonizationError`.
  package static func harmonize(
    _ input: HarmonizationInput, to grid: TargetGrid, settings: HarmonizationSettings,
    fits known: [ScanFit]? = nil, loop: ParallelLoop
  ) throws -> HarmonizedCase {
    let brain = try Brain(input, reorient: grid.reorient, mask: settings.mask, loop: loop)
    let change = GridChange(brain.geometry, to: grid.spacing)
    let geometry = Resampling.geometry(of: brain.geometry, resizedTo: change.new)
    let whiteMatter = known == nil ? try whiteMatter(of: input, in: brain, settings, loop: loop) : nil
    var fits: [ScanFit] = []
    var scans: [[Float]] = []
    for (index, contrast) in input.contrasts.enumerated() {
      let known = known?[index]
      var (scan, field) = try corrected(
        brain.scan(input.images[index], loop: loop), in: brain, settings, known: known, loop: loop)
      let intensity =
        try known?.intensity
        ?? IntensityFit(
          method: settings.intensity, clip: settings.clipRange, voxels: scan.voxels, mask: brain.mask,
          contrast: contrast, scale: settings.atlas?.scale(of: contrast), whiteMatter: whiteMatter, loop: loop
        )
      intensity.apply(to: &scan.voxels, mask: brain.mask, loop: loop)
      scans.append(change.resized(scan, settings.interpolation, loop: loop).voxels)
      fits.append(ScanFit(contrast: contrast, biasField: field, intensity: intensity))
    }
    let labels = input.labels.map { map in
      brain.marked(change.resized(brain.labels(map, loop: loop), loop: loop), change, loop: loop)
    }
    return HarmonizedCase(
      geometry: geometry, channels: scans.count, image: interleaved(scans, size: geometry.size, loop: loop),
      labels: labels, restoration: brain.restoration(change), fits: fits)
  }

  /// The landmarks of each contrast of a case, as `harmonize` would map them to an atlas. Throws `HarmonizationError`.
  package static func landmarks(
    _ input: HarmonizationInput, to grid: TargetGrid, settings: HarmonizationSettings, loop: ParallelLoop
  ) throws -> [IntensityLandmarks] {
    let brain = try Brain(input, reorient: grid.reorient, mask: settings.mask, loop: loop)
    return try input.images.map { image in
      let scan = try corrected(brain.scan(image, loop: loop), in: brain, settings, known: nil, loop: loop)
        .scan
      return try IntensityLandmarks(SortedValues(scan.voxels, mask: brain.mask, loop: loop))
    }
  }

  /// The grid of a case cropped to its brain, in RAS with `reorient`, before any resampling. Throws `HarmonizationError`.
  package static func crop(
    of input: HarmonizationInput, reorient: Bool, mask: BrainMaskKind, loop: ParallelLoop
  ) throws -> Geometry {
    try Brain(input, reorient: reorient, mask: mask, loop: loop).geometry
  }

  /// A scan without its bias field, and the field; nil where none is looked for.
  private static func corrected(
    _ scan: Volume, in brain: Brain, _ settings: HarmonizationSettings, known: ScanFit?, loop: ParallelLoop
  ) throws -> (scan: Volume, field: BiasField?) {
    var field = known?.biasField
    if known == nil && settings.biasField == .n4 {
      field = try N4.field(of: scan, mask: brain.mask, settings: .standard, loop: loop)
    }
    return (field?.corrected(scan, loop: loop) ?? scan, field)
  }

  /// How much of each voxel is white matter, by the case's T1; nil where no method asks for it, or there is no T1.
  private static func whiteMatter(
    of input: HarmonizationInput, in brain: Brain, _ settings: HarmonizationSettings, loop: ParallelLoop
  ) throws -> [Float]? {
    guard settings.intensity == .fuzzyCMeans,
      let index = ContrastName.tissueReference(in: input.contrasts)
    else { return nil }
    let scan = brain.scan(input.images[index], loop: loop)
    let t1 = try corrected(scan, in: brain, settings, known: nil, loop: loop).scan.voxels
    return try FuzzyTissues(
      t1: t1, mask: brain.mask, clip: settings.clipRange, contrast: input.contrasts[index], loop: loop
    ).whiteMatter(t1: t1, mask: brain.mask, loop: loop)
  }

  /// Channels side by side: `(z, y, x, channel)`.
  private static func interleaved(_ scans: [[Float]], size: SIMD3<Int>, loop: ParallelLoop) -> FixedArray<
    Float
  > {
    let channels = scans.count
    let slice = size.x * size.y
    return FixedArray(count: size.z * slice * channels) { image in
      // Safe: each piece writes its own slice.
      nonisolated(unsafe) let image = image
      loop.forEach(size.z) { k, _ in
        for (channel, scan) in scans.enumerated() {
          scan.withUnsafeBufferPointer { scan in
            for voxel in k * slice..<(k + 1) * slice { image[voxel * channels + channel] = scan[voxel] }
          }
        }
      }
    }
  }
}

/// The part of a case that holds its brain.
private struct Brain {
  private let whole: Geometry
  private let box: GridBox
  private let permutation: AxisPermutation
  /// The box in the harmonised orientation.
  let geometry: Geometry
  /// 1 inside the brain; over `geometry`, i fastest.
  let mask: [UInt8]

  init(_ input: HarmonizationInput, reorient: Bool, mask kind: BrainMaskKind, loop: ParallelLoop) throws {
    whole = input.images[0].geometry
    let mask: [UInt8] =
      switch kind {
      case .zeros: BrainMask.nonzero(input.images, loop: loop)
      case .otsu: BrainMask.otsu(input.images[0], loop: loop)
      case .given: try input.mask.map(BrainMask.given) ?? { throw HarmonizationError.noMask }()
      }
    guard let box = GridBox(around: mask, size: whole.size, loop: loop) else {
      throw HarmonizationError.noBrain
    }
    self.box = box
    let cut = box.geometry(in: whole)
    permutation = reorient ? whole.affine.permutationToRAS : .identity
    geometry = permutation.geometry(of: cut)
    self.mask = permutation.applied(to: mask, size: whole.size, box: box, loop: loop)
  }

  func scan(_ image: Volume, loop: ParallelLoop) -> Volume {
    image.permuted(permutation, box: box, loop: loop)
  }

  func labels(_ map: LabelVolume, loop: ParallelLoop) -> LabelVolume {
    map.permuted(permutation, box: box, loop: loop)
  }

  /// A resized label map with `HarmonizedCase.outside` for background where the mask's larger share is 0.
  func marked(_ map: LabelVolume, _ change: GridChange, loop: ParallelLoop) -> FixedArray<UInt16> {
    let brain = change.resized(LabelVolume(geometry: geometry, labels: mask.map(UInt16.init)), loop: loop)
    let slice = change.new.x * change.new.y
    return FixedArray(count: map.labels.count) { marked in
      // Safe: each piece writes its own slice, and the maps are only read.
      nonisolated(unsafe) let marked = marked.baseAddress!
      loop.forEach(change.new.z) { k, _ in
        for index in (k * slice)..<((k + 1) * slice) {
          let isOutside = map.labels[index] == 0 && brain.labels[index] == 0
          (marked + index).initialize(to: isOutside ? HarmonizedCase.outside : map.labels[index])
        }
      }
    }
  }

  func restoration(_ change: GridChange) -> Restoration {
    Restoration(geometry: whole, box: box, permutation: permutation, change: change)
  }
}
