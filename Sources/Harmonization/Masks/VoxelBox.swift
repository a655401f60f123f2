import Foundations

/// A box of a grid, its corners included.
struct VoxelBox: Equatable {
  let low: SIMD3<Int>
  let high: SIMD3<Int>

  /// The smallest box around a mask's voxels that are not 0 (i fastest); nil where there is none.
  init?(of mask: [UInt8], size: SIMD3<Int>, loop: ParallelLoop) {
    let slices = [VoxelBox?](unsafeUninitializedCapacity: size.z) { slices, initialized in
      mask.withUnsafeBufferPointer { mask in
        loop.forEach(size.z) { k, _ in
          slices.initializeElement(at: k, to: VoxelBox(slice: k, of: mask, size: size))
        }
      }
      initialized = size.z
    }
    let found = slices.compactMap { $0 }
    guard let first = found.first else { return nil }
    low = found.reduce(first.low) { pointwiseMin($0, $1.low) }
    high = found.reduce(first.high) { pointwiseMax($0, $1.high) }
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
    self.low = SIMD3(low, k)
    self.high = SIMD3(high, k)
  }
}
