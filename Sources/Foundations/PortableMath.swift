/// Elementary functions made of plain IEEE operations: the same bits on every machine.
///
/// libm picks other code for other CPUs (with or without fused multiply-add), and its last bit
/// differs. These follow fdlibm (Sun Microsystems 1993) and are within 1 ulp of the true value on
/// the ranges that the project uses.
package enum PortableMath {
  /// e to the power x; 0 below −745, infinity above 709.78.
  package static func exp(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x > 709.782712893384 { return .infinity }
    if x < -745.1332191019411 { return 0 }
    let k = (x * 1.4426950408889634).rounded(.toNearestOrEven)
    let high = x - k * 6.93147180369123816490e-01
    let low = k * 1.90821492927058770002e-10
    let r = high - low
    let t = r * r
    let c =
      r - t
      * (1.66666666666666019037e-01
        + t
        * (-2.77777777770155933842e-03
          + t
          * (6.61375632143793436117e-05
            + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))))
    let y = 1 - ((low - (r * c) / (2 - c)) - high)
    return scale(y, Int(k))
  }

  /// The natural logarithm; −infinity at 0, NaN below.
  package static func log(_ x: Double) -> Double {
    if x.isNaN || x == .infinity { return x }
    if x == 0 { return -.infinity }
    if x < 0 { return .nan }
    var k = Double(x.exponent)
    var m = x.significand
    if m > 1.4142135623730951 {
      m *= 0.5
      k += 1
    }
    let f = m - 1
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    let t2 =
      z
      * (6.666666666666735130e-01
        + w
        * (2.857142874366239149e-01
          + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    let r = t1 + t2
    let half = 0.5 * f * f
    return k * 6.93147180369123816490e-01
      - ((half - (s * (half + r) + k * 1.90821492927058770002e-10)) - f)
  }

  /// x to the power y for x ≥ 0.
  package static func pow(_ x: Double, _ y: Double) -> Double {
    if y == 0 { return 1 }
    if x == 0 { return y > 0 ? 0 : .infinity }
    return exp(y * log(x))
  }

  /// The sine of an angle in radians, |x| below 10⁵.
  package static func sin(_ x: Double) -> Double {
    let (quadrant, r) = reduce(x)
    switch quadrant {
    case 0: return sinKernel(r)
    case 1: return cosKernel(r)
    case 2: return -sinKernel(r)
    default: return -cosKernel(r)
    }
  }

  /// The cosine of an angle in radians, |x| below 10⁵.
  package static func cos(_ x: Double) -> Double {
    let (quadrant, r) = reduce(x)
    switch quadrant {
    case 0: return cosKernel(r)
    case 1: return -sinKernel(r)
    case 2: return -cosKernel(r)
    default: return sinKernel(r)
    }
  }

  /// y · 2ᵏ in two steps, so that neither factor overflows.
  private static func scale(_ y: Double, _ k: Int) -> Double {
    let first = k / 2
    return y * Double(sign: .plus, exponent: first, significand: 1)
      * Double(sign: .plus, exponent: k - first, significand: 1)
  }

  /// Cody–Waite reduction by π/2 in three parts of 33 bits.
  private static func reduce(_ x: Double) -> (quadrant: Int, remainder: Double) {
    let k = (x * 0.63661977236758134308).rounded(.toNearestOrEven)
    let r =
      ((x - k * 1.57079632673412561417e+00) - k * 6.07710050630396597660e-11)
      - k * 2.02226624879595063154e-21
    return (Int(k) & 3, r)
  }

  private static func sinKernel(_ x: Double) -> Double {
    let z = x * x
    return x
      + x * z
      * (-1.66666666666666324348e-01
        + z
        * (8.33333333332248946124e-03
          + z
          * (-1.98412698298579493134e-04
            + z
            * (2.75573137070700676789e-06
              + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)))))
  }

  private static func cosKernel(_ x: Double) -> Double {
    let z = x * x
    return 1 - 0.5 * z
      + z * z
      * (4.16666666666666019037e-02
        + z
        * (-1.38888888888741095749e-03
          + z
          * (2.48015872894767294178e-05
            + z
            * (-2.75573143513906633035e-07
              + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)))))
  }
}
