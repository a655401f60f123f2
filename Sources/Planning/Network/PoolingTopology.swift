/// How often each axis is halved, and with which kernels: nnU-Net's `get_pool_and_conv_props` (nnunetv2 2.8), for any
/// order of two or three axes.
///
/// An axis is halved while it keeps `leastEdge` voxels and its spacing is less than twice the finest's; a kernel is 1
/// along an axis until the others have come within twice its spacing.
struct PoolingTopology: Equatable {
  static let leastEdge = 4

  /// Step into each stage, axis by axis; 1 into the first.
  private(set) var strides: [[Int]]
  /// Taps of each stage's convolutions; 3 in the last.
  private(set) var kernels: [[Int]] = []
  /// Voxels, rounded up to what the strides divide.
  let patch: [Int]

  /// `spacing` in mm, `size` in voxels (medians may lie between two).
  init(spacing: [Double], size: [Double]) {
    let axes = spacing.indices
    var (spacing, left) = (spacing, size)
    var (kernel, total) = (axes.map { _ in 1 }, axes.map { _ in 1 })
    strides = [kernel]
    while true {
      let long = axes.filter { left[$0] >= Double(2 * Self.leastEdge) }
      guard let finest = long.map({ spacing[$0] }).min() else { break }
      let halved = long.filter { spacing[$0] / finest < 2 }
      if halved.count == 1 && left[halved[0]] < Double(3 * Self.leastEdge) { break }
      let least = spacing.min() ?? finest
      for axis in axes where spacing[axis] / least < 2 { kernel[axis] = 3 }
      var stride = axes.map { _ in 1 }
      for axis in halved {
        stride[axis] = 2
        total[axis] *= 2
        spacing[axis] *= 2
        left[axis] = (left[axis] / 2).rounded(.up)
      }
      strides.append(stride)
      kernels.append(kernel)
    }
    kernels.append(axes.map { _ in 3 })
    patch = zip(size, total).map { Int(($0 / Double($1)).rounded(.up)) * $1 }
  }

  /// What a patch must be a multiple of, along each axis.
  var divisors: [Int] {
    strides.dropFirst().reduce(strides[0]) { zip($0, $1).map { $0 * $1 } }
  }
}
