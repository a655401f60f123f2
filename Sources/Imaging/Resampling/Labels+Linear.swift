import Foundations

extension LabelVolume {
  /// The label map on a grid of `size` over the same box: each label's mask is interpolated linearly, and the label
  /// with the highest value wins, of equals the highest label (nnU-Net's resampling, where a label with one half wins).
  package func resizedByLabel(to size: SIMD3<Int>, loop: ParallelLoop) -> LabelVolume {
    if size == geometry.size { return self }
    let old = geometry.size
    let x = Resampling.LinearTaps(old: old.x, new: size.x)
    let y = Resampling.LinearTaps(old: old.y, new: size.y)
    let z = Resampling.LinearTaps(old: old.z, new: size.z)
    let count = size.x * size.y * size.z
    let resized = [UInt16](unsafeUninitializedCapacity: count) { output, initialized in
      // Safe: each piece writes its own slice, and the source is only read.
      nonisolated(unsafe) let output = output.baseAddress!
      labels.withUnsafeBufferPointer { source in
        nonisolated(unsafe) let source = source.baseAddress!
        loop.forEach(size.z) { k, _ in
          for j in 0..<size.y {
            let rows = (
              source + old.x * (y.lower[j] + old.y * z.lower[k]),
              source + old.x * (y.upper[j] + old.y * z.lower[k]),
              source + old.x * (y.lower[j] + old.y * z.upper[k]),
              source + old.x * (y.upper[j] + old.y * z.upper[k])
            )
            let target = output + size.x * (j + size.y * k)
            for i in 0..<size.x {
              let (a, b) = (x.lower[i], x.upper[i])
              let corners = SIMD8(
                rows.0[a], rows.0[b], rows.1[a], rows.1[b], rows.2[a], rows.2[b], rows.3[a], rows.3[b])
              (target + i).initialize(to: Self.vote(corners, x.weight[i], y.weight[j], z.weight[k]))
            }
          }
        }
      }
      initialized = count
    }
    return LabelVolume(geometry: Resampling.geometry(of: geometry, resizedTo: size), labels: resized)
  }

  /// The label with the largest share of a cell's corners: x fastest, then y, then z.
  private static func vote(_ corners: SIMD8<UInt16>, _ x: Float, _ y: Float, _ z: Float) -> UInt16 {
    if corners == SIMD8(repeating: corners[0]) { return corners[0] }
    let alongX = SIMD8<Float>(1 - x, x, 1 - x, x, 1 - x, x, 1 - x, x)
    let alongY = SIMD8<Float>(1 - y, 1 - y, y, y, 1 - y, 1 - y, y, y)
    let alongZ = SIMD8<Float>(1 - z, 1 - z, 1 - z, 1 - z, z, z, z, z)
    let weights = alongX * alongY * alongZ
    var (best, highest) = (UInt16(0), -Float.infinity)
    for corner in 0..<8 {
      let label = corners[corner]
      var share: Float = 0
      for other in 0..<8 where corners[other] == label { share += weights[other] }
      if share > highest || (share == highest && label > best) { (best, highest) = (label, share) }
    }
    return best
  }
}
