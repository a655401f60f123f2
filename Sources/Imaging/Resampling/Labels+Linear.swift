import Foundations

extension LabelVolume {
  /// The label map on a grid of `size` over the same box: each label's mask is interpolated linearly, and the label with
  /// the largest share wins; of equals the one that is nearest, or the smallest where that is none of them.
  ///
  /// So does nnU-Net (`resize_segmentation` of batchgenerators 0.25.5).
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

  /// Shares that differ by less are equal: they are sums of rounded products.
  private static let tie: Float = 1e-6

  /// The label with the largest share of a cell's corners: x fastest, then y, then z.
  private static func vote(_ corners: SIMD8<UInt16>, _ x: Float, _ y: Float, _ z: Float) -> UInt16 {
    if corners == SIMD8(repeating: corners[0]) { return corners[0] }
    let alongX = SIMD8<Float>(1 - x, x, 1 - x, x, 1 - x, x, 1 - x, x)
    let alongY = SIMD8<Float>(1 - y, 1 - y, y, y, 1 - y, 1 - y, y, y)
    let alongZ = SIMD8<Float>(1 - z, 1 - z, 1 - z, 1 - z, z, z, z, z)
    let weights = alongX * alongY * alongZ
    func share(of label: UInt16) -> Float {
      var share: Float = 0
      for corner in 0..<8 where corners[corner] == label { share += weights[corner] }
      return share
    }
    let nearest = corners[(x >= 0.5 ? 1 : 0) + (y >= 0.5 ? 2 : 0) + (z >= 0.5 ? 4 : 0)]
    var (best, highest) = (nearest, share(of: nearest))
    for corner in 0..<8 where corners[corner] != nearest {
      let (label, share) = (corners[corner], share(of: corners[corner]))
      let isEqual = abs(share - highest) <= tie
      if share > highest + tie || isEqual && best != nearest && label < best {
        (best, highest) = (label, share)
      }
    }
    return best
  }
}
