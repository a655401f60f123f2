/// A voxel-to-world map in NIfTI's convention: world coordinates in mm, RAS+ (x to the right, y anterior, z up).
///
/// World = M · (i, j, k, 1) with the three rows of M kept here; i, j, k are voxel indices, 0 at the first voxel's centre.
package struct AffineTransform: Sendable, Equatable {
  package var rows: [SIMD4<Double>]

  /// Three rows of four numbers, as nibabel's `affine[:3]`.
  package init(rows: [SIMD4<Double>]) {
    precondition(rows.count == 3, "an affine has three rows")
    self.rows = rows
  }

  /// Voxels of the given spacing in mm along the world axes, first voxel at `origin` mm.
  package init(spacing: SIMD3<Double>, origin: SIMD3<Double> = .zero) {
    rows = (0..<3).map { axis in
      var row = SIMD4<Double>.zero
      row[axis] = spacing[axis]
      row[3] = origin[axis]
      return row
    }
  }

  /// Column `axis` (0 = i, 1 = j, 2 = k): the world step of one voxel, in mm.
  package func column(_ axis: Int) -> SIMD3<Double> {
    SIMD3(rows[0][axis], rows[1][axis], rows[2][axis])
  }

  /// Voxel sizes in mm: the norms of the columns.
  package var spacing: SIMD3<Double> {
    var result = SIMD3<Double>.zero
    for axis in 0..<3 {
      let c = column(axis)
      result[axis] = (c * c).sum().squareRoot()
    }
    return result
  }

  /// World position in mm of a (fractional) voxel index.
  package func world(_ voxel: SIMD3<Double>) -> SIMD3<Double> {
    let v = SIMD4(voxel, 1)
    return SIMD3((rows[0] * v).sum(), (rows[1] * v).sum(), (rows[2] * v).sum())
  }
}
