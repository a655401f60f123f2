import Foundations

/// The orthonormal cosine transform (DCT-II) of a convolution's kernels, tap by tap: inputs are smooth, so taps side by side change alike,
/// and most of a change comes to lie in few numbers (Ahmed, Natarajan & Rao 1974).
struct KernelTransform {
  /// Taps along each axis, and how many numbers lie between one tap and the next.
  private let axes: [(taps: Int, stride: Int)]
  private let count: Int
  /// For each tap's place how many axes it is a wave along.
  let orders: [Int]

  /// `shape` is taps along each axis, input channels, output channels; nil where there is nothing to transform.
  init?(shape: [Int]) {
    guard shape.count > 2 else { return nil }
    let kernel = shape.dropLast(2)
    count = shape.reduce(1, *)
    var stride = count
    var orders = [0]
    axes = kernel.map { taps in
      stride /= taps
      orders = orders.flatMap { order in (0..<taps).map { order + ($0 > 0 ? 1 : 0) } }
      return (taps, stride)
    }.filter { $0.taps > 1 }
    guard !axes.isEmpty else { return nil }
    self.orders = orders
  }

  func forward(_ values: [Float]) -> [Float] {
    axes.reduce(values) { along($0, $1, Self.matrix($1.taps)) }
  }

  func inverse(_ values: [Float]) -> [Float] {
    axes.reduce(values) { along($0, $1, Self.transposed(Self.matrix($1.taps))) }
  }

  /// Each line of taps along an axis times a matrix; sums in one order, so that bits are the same everywhere.
  private func along(_ values: [Float], _ axis: (taps: Int, stride: Int), _ matrix: [[Float]]) -> [Float] {
    let (taps, stride) = axis
    return values.withUnsafeBufferPointer { values in
      [Float](unsafeUninitializedCapacity: count) { result, filled in
        result.initialize(repeating: 0)
        for block in Swift.stride(from: 0, to: count, by: taps * stride) {
          for (wave, row) in matrix.enumerated() {
            for (tap, factor) in row.enumerated() {
              let (target, source) = (block + wave * stride, block + tap * stride)
              for index in 0..<stride { result[target &+ index] += factor * values[source &+ index] }
            }
          }
        }
        filled = count
      }
    }
  }

  /// Row k is the wave with k half periods.
  private static func matrix(_ taps: Int) -> [[Float]] {
    (0..<taps).map { wave in
      let length = (wave == 0 ? 1 / Double(taps) : 2 / Double(taps)).squareRoot()
      return (0..<taps).map { tap in
        Float(length * PortableMath.cos(Double.pi * Double(wave * (2 * tap + 1)) / Double(2 * taps)))
      }
    }
  }

  private static func transposed(_ matrix: [[Float]]) -> [[Float]] {
    matrix.indices.map { column in matrix.map { $0[column] } }
  }
}
