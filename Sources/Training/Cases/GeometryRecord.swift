import Harmonization
import Imaging

/// A grid in a file's header.
struct GeometryRecord: Codable {
  let size: SIMD3<Int>
  /// Three rows of four numbers, mm.
  let affine: [SIMD4<Double>]

  init(_ geometry: Geometry) { (size, affine) = (geometry.size, geometry.affine.rows) }

  /// A grid of no voxels where the record is not one.
  var geometry: Geometry {
    guard affine.count == 3, size.min() > 0 else {
      return Geometry(size: .zero, affine: AffineTransform(spacing: .one))
    }
    return Geometry(size: size, affine: AffineTransform(rows: affine))
  }
}

/// The way back to a scan's grid, in a file's header.
struct RestorationRecord: Codable {
  let grid: GeometryRecord
  let box: GridBox
  let sources: SIMD3<Int>
  let flips: [Bool]
  let old: SIMD3<Int>
  let new: SIMD3<Int>
  let sliceAxis: Int?

  init(_ restoration: Restoration) {
    grid = GeometryRecord(restoration.geometry)
    box = restoration.box
    (sources, flips) = (restoration.permutation.sources, restoration.permutation.flips)
    (old, new, sliceAxis) = (restoration.change.old, restoration.change.new, restoration.change.sliceAxis)
  }

  /// nil where the record's axes are none.
  var restoration: Restoration? {
    guard Set([sources.x, sources.y, sources.z]) == [0, 1, 2], flips.count == 3 else { return nil }
    return Restoration(
      geometry: grid.geometry, box: box, permutation: AxisPermutation(sources: sources, flips: flips),
      change: GridChange(old: old, new: new, sliceAxis: sliceAxis))
  }
}
