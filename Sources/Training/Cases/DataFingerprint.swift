import Foundations
import Imaging

extension DataFingerprint {
  /// Looks at every header and label map of a data set, at no scan's voxels but PNG's.
  ///
  /// Throws `FileError` or `ImagingError` for the first file that cannot be read, or label map that holds a
  /// label outside `allowedLabels` (nil lets every label pass); cases in `skipped` and those that it takes up are left out.
  package static func of(
    _ data: DatasetFolder, allowedLabels: Set<UInt16>? = nil, skipping skipped: SkippedCases = .none,
    loop: ParallelLoop
  ) throws -> DataFingerprint {
    let cases = data.without(skipped).sites.flatMap { site in site.cases.map { (site.name, $0) } }
    let looks = try loop.map(cases.count) { index in
      let (site, files) = cases[index]
      return try skipped.attempt(site: site, name: files.name) {
        try CaseLook(files, allowedLabels: allowedLabels)
      }
    }.compactMap { $0 }
    guard let first = looks.first else { throw ImagingError.noCases(path: data.sites.first?.path ?? "") }
    var labels: Set<UInt16> = [0]
    for look in looks { labels.formUnion(look.labels) }
    let sizes = looks.map { SIMD3<Double>($0.geometry.size) }
    let size = percentile(50, of: sizes)
    return DataFingerprint(
      contrasts: first.contrasts, labelValues: labels.sorted(),
      medianSpacing: first.isPNG ? nil : spacing(looks.map(\.geometry.spacing), medianSize: size),
      medianSize: SIMD3(Int(size.x), Int(size.y), Int(size.z)),
      labelNames: data.labels, regions: data.regions)
  }

  /// nnU-Net's target spacing (below) of these spacings.
  package static func spacing(_ spacings: [SIMD3<Double>], medianSize size: SIMD3<Double>) -> SIMD3<Double> {
    spacing(medianSize: size) { percentile($0, of: spacings) }
  }

  /// nnU-Net's target spacing: the median along each axis; where one axis is more than 3 times as coarse as the others and
  /// has less than a third of their voxels, its 10th percentile, but not finer than the others.
  ///
  /// `percentile` is that of the cases' spacings along each axis.
  package static func spacing(
    medianSize size: SIMD3<Double>, percentile: (Double) -> SIMD3<Double>
  ) -> SIMD3<Double> {
    var target = percentile(50)
    guard let coarsest = (0..<3).max(by: { target[$0] < target[$1] }) else { return target }
    let others = (0..<3).filter { $0 != coarsest }
    let finest = others.map { target[$0] }.max() ?? 0
    let fewest = others.map { size[$0] }.min() ?? 0
    if target[coarsest] > 3 * finest && size[coarsest] * 3 < fewest {
      let low = percentile(10)[coarsest]
      target[coarsest] = low < finest ? finest + 1e-5 : low
    }
    return target
  }

  /// Along each axis.
  private static func percentile(_ percent: Double, of values: [SIMD3<Double>]) -> SIMD3<Double> {
    var result = SIMD3<Double>.zero
    for axis in 0..<3 {
      result[axis] = values.map { $0[axis] }.sorted().percentile(percent)
    }
    return result
  }
}

/// What one case tells without its voxels; grid axes in RAS order.
private struct CaseLook: Sendable {
  let contrasts: [String]
  let geometry: Geometry
  let labels: Set<UInt16>
  let isPNG: Bool

  init(_ files: CaseFiles, allowedLabels: Set<UInt16>?) throws {
    let first = files.images[0].path
    isPNG = PNG.isNamed(first)
    labels =
      try files.label.map { path in
        let map = try CaseLoader.readLabels(path)
        if let allowedLabels { try CaseCheck.allowed(map, allowedLabels, path: path) }
        return map.values
      } ?? []
    if isPNG {
      geometry = try PNG.readImage(first)[0].geometry
      contrasts = try files.images.flatMap { try CaseLoader.contrastNames(of: $0) }
    } else {
      let header = try NIfTI.header(first)
      let raw = try header.geometry(path: first)
      geometry = raw.affine.permutationToRAS.geometry(of: raw)
      contrasts = files.images.map(\.contrast)
    }
  }
}
