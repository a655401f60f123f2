/// A box of a grid's voxels.
package struct GridBox: Sendable, Equatable, Codable {
  /// The first voxel, and voxels along i, j, k.
  package let origin: SIMD3<Int>
  package let size: SIMD3<Int>

  package init(origin: SIMD3<Int>, size: SIMD3<Int>) {
    self.origin = origin
    self.size = size
  }

  /// All of a grid.
  package init(whole size: SIMD3<Int>) { self.init(origin: .zero, size: size) }

  /// The smallest box that holds every voxel of a mask (i fastest) that is not 0; nil for an empty mask.
  package init?(around mask: [UInt8], size grid: SIMD3<Int>) {
    var low = grid
    var high = SIMD3(repeating: -1)
    mask.withUnsafeBufferPointer { mask in
      for k in 0..<grid.z {
        for j in 0..<grid.y {
          let row = UnsafeBufferPointer(
            rebasing: mask[grid.x * (j + grid.y * k)..<grid.x * (j + 1 + grid.y * k)])
          guard let first = row.firstIndex(where: { $0 != 0 }) else { continue }
          let last = row.lastIndex { $0 != 0 } ?? first
          low = SIMD3(min(low.x, first), min(low.y, j), min(low.z, k))
          high = SIMD3(max(high.x, last), max(high.y, j), max(high.z, k))
        }
      }
    }
    if high.x < 0 { return nil }
    self.init(origin: low, size: high &- low &+ 1)
  }

  /// The box's voxels of a grid (i fastest).
  package func cut<Voxel: BitwiseCopyable>(_ voxels: [Voxel], of grid: SIMD3<Int>) -> [Voxel] {
    if size == grid { return voxels }
    return [Voxel](unsafeUninitializedCapacity: size.x * size.y * size.z) { target, initialized in
      voxels.withUnsafeBufferPointer { source in
        for k in 0..<size.z {
          for j in 0..<size.y {
            let from = origin.x + grid.x * (origin.y + j + grid.y * (origin.z + k))
            (target.baseAddress! + size.x * (j + size.y * k)).initialize(
              from: source.baseAddress! + from, count: size.x)
          }
        }
      }
      initialized = size.x * size.y * size.z
    }
  }

  /// Puts a box's voxels (i fastest) where they belong in a grid's.
  package func paste<Voxel: BitwiseCopyable>(
    _ voxels: [Voxel], into whole: inout [Voxel], of grid: SIMD3<Int>
  ) {
    whole.withUnsafeMutableBufferPointer { whole in
      voxels.withUnsafeBufferPointer { voxels in
        for k in 0..<size.z {
          for j in 0..<size.y {
            let to = origin.x + grid.x * (origin.y + j + grid.y * (origin.z + k))
            (whole.baseAddress! + to).update(
              from: voxels.baseAddress! + size.x * (j + size.y * k), count: size.x)
          }
        }
      }
    }
  }

  /// One slice of a grid across an axis.
  package static func slice(_ index: Int, across axis: Int, of grid: SIMD3<Int>) -> GridBox {
    var (origin, size) = (SIMD3<Int>.zero, grid)
    (origin[axis], size[axis]) = (index, 1)
    return GridBox(origin: origin, size: size)
  }

  /// The box of a grid as a grid of its own, at the same place in the patient.
  package func geometry(in grid: Geometry) -> Geometry {
    var affine = grid.affine
    let origin = grid.affine.world(SIMD3<Double>(origin))
    for row in 0..<3 { affine.rows[row][3] = origin[row] }
    return Geometry(size: size, affine: affine)
  }
}

extension Volume {
  /// The scan inside a box.
  package func cropped(to box: GridBox) -> Volume {
    Volume(geometry: box.geometry(in: geometry), voxels: box.cut(voxels, of: geometry.size))
  }
}

extension LabelVolume {
  /// The label map inside a box.
  package func cropped(to box: GridBox) -> LabelVolume {
    LabelVolume(geometry: box.geometry(in: geometry), labels: box.cut(labels, of: geometry.size))
  }

  /// The map on a grid of which this is a box; background around it.
  package func placed(in box: GridBox, of grid: Geometry) -> LabelVolume {
    if box == GridBox(whole: grid.size) { return LabelVolume(geometry: grid, labels: labels) }
    var whole = [UInt16](repeating: 0, count: grid.count)
    box.paste(labels, into: &whole, of: grid.size)
    return LabelVolume(geometry: grid, labels: whole)
  }
}
