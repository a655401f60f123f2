import Foundations

/// A smooth field that multiplies a channel: e to the power of a polynomial of the place in the patch.
///
/// TorchIO's `RandomBiasField` (Van Leemput et al. 1999) without the constant term, which would be brightness. The
/// place runs from −1 to 1 over the length of the case, about the middle of the patch: a small patch sees a part of
/// a scan's field.
package struct BiasFieldDraw: Equatable, Sendable {
  package static let order = 3
  /// Of each coefficient.
  package static let range = -0.3...0.3

  /// Powers of x, y, z and their coefficients.
  package struct Term: Equatable, Sendable {
    package var powers: SIMD3<Int>
    package var coefficient: Double
  }

  package private(set) var terms: [Term]

  /// The powers of x, y, z that a field has, in the order of their coefficients; without z in 2D.
  package static func powers(dimensions: Int) -> [SIMD3<Int>] {
    var result: [SIMD3<Int>] = []
    for x in 0...order {
      for y in 0...(order - x) {
        for z in 0...(order - x - y) where x + y + z > 0 && (dimensions == 3 || z == 0) {
          result.append(SIMD3(x, y, z))
        }
      }
    }
    return result
  }

  /// One coefficient for each of `powers`.
  package init(dimensions: Int, coefficients: [Double]) {
    let powers = Self.powers(dimensions: dimensions)
    precondition(powers.count == coefficients.count, "a field has one coefficient for each power")
    terms = zip(powers, coefficients).map { Term(powers: $0, coefficient: $1) }
  }

  /// The polynomial's four coefficients along x, at a place across it.
  func along(y: Double, z: Double) -> SIMD4<Double> {
    func power(_ base: Double, _ exponent: Int) -> Double {
      (0..<exponent).reduce(1) { product, _ in product * base }
    }
    var result = SIMD4<Double>.zero
    for term in terms {
      result[term.powers.x] += term.coefficient * power(y, term.powers.y) * power(z, term.powers.z)
    }
    return result
  }
}
