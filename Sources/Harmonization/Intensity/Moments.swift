import Foundations

/// Mean and squared deviations of some values, in Double and in one order.
struct Moments {
  let count: Int
  let mean: Double
  /// The sum of squared differences from the mean.
  let squares: Double

  init(_ values: ArraySlice<Float>, loop: ParallelLoop) {
    let pieces = Pieces(of: values.count)
    (count, mean, squares) = values.withUnsafeBufferPointer { values in
      let mean = pieces.sum(loop) { Self.sum(values, $0) { $0 } } / Double(values.count)
      return (values.count, mean, pieces.sum(loop) { Self.sum(values, $0) { ($0 - mean) * ($0 - mean) } })
    }
  }

  /// Over n.
  var deviation: Double { (squares / Double(count)).squareRoot() }

  /// Four sums side by side: one alone would wait for each addition.
  @inline(__always)
  private static func sum(
    _ values: UnsafeBufferPointer<Float>, _ piece: Range<Int>, _ term: (SIMD4<Double>) -> SIMD4<Double>
  ) -> Double {
    var sums = SIMD4<Double>.zero
    var index = piece.lowerBound
    while index + 4 <= piece.upperBound {
      let four = SIMD4(values[index], values[index + 1], values[index + 2], values[index + 3])
      sums += term(SIMD4<Double>(four))
      index += 4
    }
    while index < piece.upperBound {
      sums[0] += term(SIMD4(repeating: Double(values[index])))[0]
      index += 1
    }
    return sums[0] + sums[1] + sums[2] + sums[3]
  }
}
