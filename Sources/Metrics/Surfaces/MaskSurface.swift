import Foundations

/// The surface of a mask in a box: which places belong to it, and how much of it lies at each.
struct MaskSurface {
  /// Not 0 where the surface is, i fastest.
  let marks: [UInt8]
  let size: SIMD3<Int>
  /// By mark; nil where every place counts the same.
  let areas: [Double]?

  /// The surface of `mask` (1 inside, 0 outside; outside of the box it is 0), in a picture where the grid has one slice.
  init(
    of mask: [UInt8], size: SIMD3<Int>, spacing: SIMD3<Double>, isPicture: Bool, kind: SurfaceRule.Kind,
    loop: ParallelLoop
  ) {
    switch kind {
    case .borderVoxels:
      self.size = size
      marks = Self.slices(of: size, loop) { k, border in
        Self.border(of: mask, size: size, isPicture: isPicture, slice: k, into: border)
      }
      areas = nil
    case .elements:
      let cubes = SIMD3(size.x + 1, size.y + 1, isPicture ? 1 : size.z + 1)
      self.size = cubes
      marks = Self.slices(of: cubes, loop) { k, codes in
        if isPicture {
          Self.squares(of: mask, size: size, into: codes)
        } else {
          Self.cubes(of: mask, size: size, slice: k, into: codes)
        }
      }
      areas =
        isPicture
        ? SurfaceElements.lengths(spacing: spacing) : SurfaceElements.areas(spacing: spacing)
    }
  }

  /// A volume whose slices (zeros at first) `body` fills, side by side.
  private static func slices(
    of size: SIMD3<Int>, _ loop: ParallelLoop, _ body: (Int, UnsafeMutableBufferPointer<UInt8>) -> Void
  ) -> [UInt8] {
    let slice = size.x * size.y
    var volume = [UInt8](repeating: 0, count: slice * size.z)
    volume.withUnsafeMutableBufferPointer { volume in
      // Safe: each piece writes its own slice.
      nonisolated(unsafe) let volume = volume
      loop.forEach(size.z) { k, _ in
        body(k, UnsafeMutableBufferPointer(rebasing: volume[k * slice..<(k + 1) * slice]))
      }
    }
    return volume
  }

  /// 1 at voxels of the mask with a neighbour across a face that is outside of it.
  private static func border(
    of mask: [UInt8], size: SIMD3<Int>, isPicture: Bool, slice k: Int,
    into border: UnsafeMutableBufferPointer<UInt8>
  ) {
    let (row, slice) = (size.x, size.x * size.y)
    let isOuterSlice = !isPicture && (k == 0 || k == size.z - 1)
    mask.withUnsafeBufferPointer { mask in
      for j in 0..<size.y {
        let isOuterRow = isOuterSlice || j == 0 || j == size.y - 1
        for i in 0..<size.x {
          let voxel = i + row * j + slice * k
          if isOuterRow || i == 0 || i == row - 1 {
            border[i + row * j] = mask[voxel]
            continue
          }
          var inside = mask[voxel - 1] & mask[voxel + 1] & mask[voxel - row] & mask[voxel + row]
          if !isPicture { inside &= mask[voxel - slice] & mask[voxel + slice] }
          border[i + row * j] = mask[voxel] & ~inside
        }
      }
    }
  }

  /// The codes of `SurfaceElements.areas` in one slice of the cubes between voxel centres; 0 where all is inside.
  private static func cubes(
    of mask: [UInt8], size: SIMD3<Int>, slice k: Int, into codes: UnsafeMutableBufferPointer<UInt8>
  ) {
    mask.withUnsafeBufferPointer { mask in
      // The cubes lie between two slices of voxels; a voxel is the last corner of one cube along i and j, the first of the next.
      for (slice, side) in [(k - 1, UInt8(1)), (k, 0)] where (0..<size.z).contains(slice) {
        for j in 0..<size.y {
          let row = size.x * (j + size.y * slice)
          for i in 0..<size.x where mask[row + i] != 0 {
            let cube = i + (size.x + 1) * j
            codes[cube] |= 1 << side
            codes[cube + 1] |= 1 << (4 + side)
            codes[cube + size.x + 1] |= 1 << (2 + side)
            codes[cube + size.x + 2] |= 1 << (6 + side)
          }
        }
      }
    }
    for cube in codes.indices where codes[cube] == 0b1111_1111 { codes[cube] = 0 }
  }

  /// The same of `SurfaceElements.lengths` in a picture.
  private static func squares(
    of mask: [UInt8], size: SIMD3<Int>, into codes: UnsafeMutableBufferPointer<UInt8>
  ) {
    for j in 0..<size.y {
      for i in 0..<size.x where mask[i + size.x * j] != 0 {
        let square = i + (size.x + 1) * j
        codes[square] |= 1
        codes[square + 1] |= 1 << 2
        codes[square + size.x + 1] |= 1 << 1
        codes[square + size.x + 2] |= 1 << 3
      }
    }
    for square in codes.indices where codes[square] == 0b1111 { codes[square] = 0 }
  }
}
