import Foundations
import Imaging

extension DataFingerprint {
  /// Looks at every header and label map of a data set, at no scan's voxels but PNG's.
  ///
  /// Throws `FileError` or `ImagingError` for the first file that cannot be read, or label map that holds a
  /// label outside `allowedLabels` (nil lets every label pass).
  package static func of(
    _ data: DatasetFolder, allowedLabels: Set<UInt16>? = nil, loop: ParallelLoop
  ) throws -> DataFingerprint {
    let cases = data.sites.flatMap(\.cases)
    let looks = try loop.map(cases.count) { try CaseLook(cases[$0], allowedLabels: allowedLabels) }
    var labels: Set<UInt16> = [0]
    for look in looks { labels.formUnion(look.labels) }
    func median(_ values: [Double]) -> Double {
      let sorted = values.sorted()
      return sorted[sorted.count / 2]
    }
    func perAxis(_ value: (CaseLook) -> SIMD3<Double>) -> SIMD3<Double> {
      let values = looks.map(value)
      return SIMD3(
        median(values.map(\.x)), median(values.map(\.y)), median(values.map(\.z)))
    }
    let size = perAxis { SIMD3<Double>($0.geometry.size) }
    return DataFingerprint(
      contrasts: looks[0].contrasts, labelValues: labels.sorted(),
      medianSpacing: looks[0].isPNG ? nil : perAxis { $0.geometry.spacing },
      medianSize: SIMD3(Int(size.x), Int(size.y), Int(size.z)))
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
    isPNG = first.lowercased().hasSuffix(".png")
    labels =
      try files.label.map { path in
        let map = try CaseLoader.readLabels(path)
        if let allowedLabels { try CaseCheck.allowed(map, allowedLabels, path: path) }
        return Set(map.labels)
      } ?? []
    if isPNG {
      geometry = try PNG.readImage(first)[0].geometry
      contrasts = try files.images.flatMap { try CaseLoader.contrastNames(of: $0) }
    } else {
      let header = try NIfTI.header(first)
      let raw = Geometry(size: header.size, affine: try header.affine(path: first))
      geometry = raw.affine.permutationToRAS.geometry(of: raw)
      contrasts = files.images.map(\.contrast)
    }
  }
}
