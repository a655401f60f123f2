import Imaging
import Metrics

/// Two label maps on one grid, and one region of label 1.
struct MaskPair {
  let prediction: LabelVolume
  let reference: LabelVolume

  static let region = Region(name: "one", labels: [1])

  /// A map whose voxels are told one by one.
  static func map(
    _ size: SIMD3<Int>, spacing: SIMD3<Double> = .one, _ label: (Int, Int, Int) -> UInt16
  ) -> LabelVolume {
    let geometry = Geometry(size: size, affine: AffineTransform(spacing: spacing))
    var labels: [UInt16] = []
    for k in 0..<size.z { for j in 0..<size.y { for i in 0..<size.x { labels.append(label(i, j, k)) } } }
    return LabelVolume(geometry: geometry, labels: labels)
  }

  static func sphere(
    _ radius: Int, _ centre: SIMD3<Int>, size: Int = 64, spacing: SIMD3<Double> = .one
  ) -> LabelVolume {
    map(SIMD3(repeating: size), spacing: spacing) { i, j, k in
      let (x, y, z) = (i - centre.x, j - centre.y, k - centre.z)
      return x * x + y * y + z * z <= radius * radius ? 1 : 0
    }
  }

  /// The scores of label 1 by metric.
  func scores(_ settings: MetricSettings, threads: Int = 2) -> [Metric: Double] {
    let found = CaseMetrics.score(
      prediction: prediction, reference: reference, regions: [Self.region], settings: settings,
      loop: .init(threads: threads))
    return Dictionary(uniqueKeysWithValues: zip(settings.metrics, found[0].values))
  }
}
