/// The grid of a scan: voxels along i, j, k and where they lie in the patient.
package struct Geometry: Sendable, Equatable {
  /// Voxels along i (fastest in memory), j, k. A PNG is `(width, height, 1)`.
  package var size: SIMD3<Int>
  /// Voxel index to world mm (RAS+).
  package var affine: AffineTransform

  package init(size: SIMD3<Int>, affine: AffineTransform) {
    self.size = size
    self.affine = affine
  }

  /// The number of voxels.
  package var count: Int { size.x * size.y * size.z }

  /// Voxel sizes in mm along i, j, k.
  package var spacing: SIMD3<Double> { affine.spacing }

  /// The index of voxel (i, j, k) in an array with i fastest, as NIfTI stores it.
  package func offset(_ i: Int, _ j: Int, _ k: Int) -> Int { i + size.x * (j + size.y * k) }
}
