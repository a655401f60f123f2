import Fingerprint
import Foundations
import Harmonization
import Imaging

/// What a plan needs to know of one case. Stays at its site, where it is added to the others'.
struct CaseLook: Sendable {
  let statistics: DataStatistics
  /// The cropped grid's spacing in mm along x, y, z (RAS); nil for a picture.
  private let spacing: SIMD3<Double>?
  private let size: SIMD3<Int>

  /// Looks at a case as the harmoniser crops it. Throws `HarmonizationError`.
  init(_ input: HarmonizationInput, isPicture: Bool, mask: BrainMaskKind, loop: ParallelLoop) throws {
    let crop = try Harmonizer.crop(of: input, reorient: !isPicture, mask: mask, loop: loop)
    let millimetres = crop.spacing
    let millilitres = isPicture ? 0 : millimetres.x * millimetres.y * millimetres.z / 1000
    spacing = isPicture ? nil : millimetres
    size = crop.size
    // Rounding noise of headers must not tell scans apart.
    let micrometres = SIMD3<Int>((millimetres * 1000).rounded(.toNearestOrAwayFromZero))
    let percent = 100 * Double(crop.count) / Double(input.images[0].geometry.count)
    let map = input.labels?.labels
    statistics = DataStatistics(
      contrasts: input.contrasts, cases: 1, micrometres: AxisCounts(isPicture ? [] : [micrometres]),
      sizes: AxisCounts([size]), croppedPercent: ValueCounts([Int(percent.rounded())]),
      labels: (input.labels?.counts ?? []).filter { $0.label != 0 }.map {
        LabelVolumes(value: $0.label, voxels: $0.voxels, millilitres: Double($0.voxels) * millilitres)
      },
      intensities: zip(input.contrasts, input.images).map { contrast, image in
        map.map { IntensityStatistics(contrast: contrast, voxels: image.voxels, labels: $0) }
          ?? IntensityStatistics(contrast: contrast)
      })
  }

  /// Voxels along x, y, z at another spacing in mm, as the harmoniser resamples; nil keeps the grid.
  func size(at target: SIMD3<Double>?) -> SIMD3<Int> {
    guard let target, let spacing else { return size }
    return Resampling.size(
      of: Geometry(size: size, affine: AffineTransform(spacing: spacing)), atSpacing: target)
  }
}
