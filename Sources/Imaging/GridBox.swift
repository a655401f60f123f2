import Foundations

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

  /// The last voxel.
  package var last: SIMD3<Int> { origin &+ size &- 1 }

  /// The smallest box that holds every voxel of a mask (i fastest) that is not 0; nil for an empty mask.
  package init?(around mask: [UInt8], size grid: SIMD3<Int>, loop: ParallelLoop) {
    let slices = [GridBox?](unsafeUninitializedCapacity: grid.z) { slices, initialized in
      mask.withUnsafeBufferPointer { mask in
        loop.forEach(grid.z) { k, _ in
          slices.initializeElement(at: k, to: GridBox(slice: k, of: mask, size: grid))
        }
      }
      initialized = grid.z
    }
    let found = slices.compactMap { $0 }
    guard let first = found.first else { return nil }
    let low = found.reduce(first.origin) { pointwiseMin($0, $1.origin) }
    let high = found.reduce(first.last) { pointwiseMax($0, $1.last) }
    self.init(origin: low, size: high &- low &+ 1)
  }

  private init?(slice k: Int, of mask: UnsafeBufferPointer<UInt8>, size: SIMD3<Int>) {
    var (low, high) = (SIMD2(size.x, size.y), SIMD2(repeating: -1))
    for j in 0..<size.y {
      let row = size.x * (j + size.y * k)
      var any: UInt8 = 0
      for i in 0..<size.x { any |= mask[row + i] }
      if any == 0 { continue }
      var (first, last) = (0, size.x - 1)
      while mask[row + first] == 0 { first += 1 }
      while mask[row + last] == 0 { last -= 1 }
      low = SIMD2(min(low.x, first), min(low.y, j))
      high = SIMD2(max(high.x, last), j)
    }
    if high.y < 0 { return nil }
    self.init(origin: SIMD3(low, k), size: SIMD3(high &- low &+ 1, 1))
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
    permuted(.identity, box: box)
  }
}

extension LabelVolume {
  /// The label map inside a box.
  package func cropped(to box: GridBox) -> LabelVolume {
    permuted(.identity, box: box)
  }

  /// The map on a grid of which this is a box; background around it.
  package func placed(in box: GridBox, of grid: Geometry) -> LabelVolume {
    if box == GridBox(whole: grid.size) { return LabelVolume(geometry: grid, labels: labels) }
    var whole = [UInt16](repeating: 0, count: grid.count)
    box.paste(labels, into: &whole, of: grid.size)
    return LabelVolume(geometry: grid, labels: whole)
  }
}
