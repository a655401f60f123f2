/// Binary dilation with the element of 18 neighbours (those that share a face or an edge).
enum Dilation {
  /// A mask (0 or 1, i fastest) dilated `times` times; outside of it is background.
  static func edges(_ mask: [UInt8], size: SIMD3<Int>, times: Int) -> [UInt8] {
    var mask = mask
    for _ in 0..<times {
      // The element is the union of the three 3×3 squares through the voxel, each a line along two axes.
      let alongI = along(mask, stride: 1, length: size.x)
      let alongJ = along(mask, stride: size.x, length: size.y)
      let inIJ = along(alongI, stride: size.x, length: size.y)
      let inIK = along(alongI, stride: size.x * size.y, length: size.z)
      let inJK = along(alongJ, stride: size.x * size.y, length: size.z)
      for index in mask.indices { mask[index] = inIJ[index] | inIK[index] | inJK[index] }
    }
    return mask
  }

  /// Each voxel or its neighbours along one axis, along which voxels are `stride` apart.
  private static func along(_ mask: [UInt8], stride: Int, length: Int) -> [UInt8] {
    var result = mask
    let block = stride * length
    result.withUnsafeMutableBufferPointer { result in
      mask.withUnsafeBufferPointer { mask in
        for start in Swift.stride(from: 0, to: mask.count, by: block) {
          for voxel in start..<start + block - stride { result[voxel] |= mask[voxel + stride] }
          for voxel in start + stride..<start + block { result[voxel] |= mask[voxel - stride] }
        }
      }
    }
    return result
  }
}
