import Fingerprint
import Training

extension DataStatistics {
  /// Whether the data are single slices.
  package var isPlanar: Bool { sizes.z.largest == 1 }

  /// The typical size after cropping: the median along each axis; nil without cases.
  package var medianSize: SIMD3<Double>? { sizes.percentile(50) }

  package var medianSpacing: SIMD3<Double>? { micrometres.percentile(50, unit: 1000) }

  /// nnU-Net's target spacing in mm along x, y, z; nil for pictures, and without cases.
  package var targetSpacing: SIMD3<Double>? {
    guard let medianSize, let medianSpacing else { return nil }
    return DataFingerprint.spacing(medianSize: medianSize) {
      micrometres.percentile($0, unit: 1000) ?? medianSpacing
    }
  }

  /// The median share of a scan that the crop keeps.
  package var medianCroppedShare: Double { croppedPercent.percentile(50, unit: 100) ?? 1 }
}
