import Training

/// Values of overlapping patches on a case's grid, each voxel the weighted mean of the patches over it.
struct WindowBlend {
  private var sums: [Float]
  private var totals: [Float]

  /// `size` is the case's voxels along x, y, z.
  init(size: SIMD3<Int>) {
    sums = [Float](repeating: 0, count: size.x * size.y * size.z)
    totals = sums
  }

  /// `values` and `weights` are the patch's, `(depth, height, width)`.
  mutating func add(_ values: [Float], weights: [Float], at window: Window) {
    let (size, origin, patch) = (window.size, window.origin, window.patch)
    for z in window.slices {
      for y in window.rows {
        let row = (z * size.y + y) * size.x
        let place = ((z - origin.z) * patch.height + y - origin.y) * patch.width - origin.x
        for x in window.columns {
          sums[row + x] += weights[place + x] * values[place + x]
          totals[row + x] += weights[place + x]
        }
      }
    }
  }

  /// `(z, y, x)`.
  func values() -> [Float] { zip(sums, totals).map { $1 > 0 ? $0 / $1 : 0 } }
}
