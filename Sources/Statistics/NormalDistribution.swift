import Foundations

/// The standard normal distribution, of plain IEEE operations: the same bits on every machine.
package enum NormalDistribution {
  /// The share of the distribution below `z`.
  package static func cumulative(_ z: Double) -> Double {
    z > 0 ? 1 - upperTail(z) : upperTail(-z)
  }

  /// The share above `z`, with all its digits where it is small.
  package static func upperTail(_ z: Double) -> Double {
    if z.isNaN { return z }
    if z < 0 { return 1 - upperTail(-z) }
    return 0.5 * complementaryError(z * 0.5.squareRoot())
  }

  /// 2/√π ∫ₓ^∞ exp(−t²) dt for x ≥ 0: the series of erf below 2, the continued fraction (Lentz) from there.
  private static func complementaryError(_ x: Double) -> Double {
    if x < 2 {
      var term = x
      var sum = x
      var n = 0.0
      while abs(term) > 1e-17 * abs(sum) {
        n += 1
        term *= -x * x / n
        sum += term / (2 * n + 1)
      }
      return 1 - 2 / Double.pi.squareRoot() * sum
    }
    if x > 27.5 { return 0 }
    // From the end: 120 terms leave no digit to gain at 2.
    var fraction = x
    for k in stride(from: 120, through: 1, by: -1) { fraction = x + Double(k) / 2 / fraction }
    return PortableMath.exp(-x * x) / (Double.pi.squareRoot() * fraction)
  }
}
