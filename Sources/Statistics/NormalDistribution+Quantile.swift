import Foundations

extension NormalDistribution {
  /// Where the distribution function reaches `p`, to 16 digits; −∞ at 0, ∞ at 1, NaN outside.
  ///
  /// Wichura (1988), algorithm AS 241, PPND16.
  package static func quantile(_ p: Double) -> Double {
    guard (0...1).contains(p) else { return .nan }
    if p == 0 || p == 1 { return p == 0 ? -.infinity : .infinity }
    let distance = p - 0.5
    if abs(distance) <= 0.425 {
      return distance * central.value(0.180625 - distance * distance)
    }
    let tail = (-PortableMath.log(min(p, 1 - p))).squareRoot()
    let size = tail <= 5 ? near.value(tail - 1.6) : far.value(tail - 5)
    return distance < 0 ? -size : size
  }

  /// A ratio of two polynomials; coefficients of the highest power first.
  private struct Ratio {
    let upper: [Double]
    let lower: [Double]

    func value(_ x: Double) -> Double {
      upper.reduce(0) { $0 * x + $1 } / lower.reduce(0) { $0 * x + $1 }
    }
  }

  private static let central = Ratio(
    upper: [
      2.5090809287301226727e+3,
      3.3430575583588128105e+4,
      6.7265770927008700853e+4,
      4.5921953931549871457e+4,
      1.3731693765509461125e+4,
      1.9715909503065514427e+3,
      1.3314166789178437745e+2,
      3.3871328727963666080e+0,
    ],
    lower: [
      5.2264952788528545610e+3,
      2.8729085735721942674e+4,
      3.9307895800092710610e+4,
      2.1213794301586595867e+4,
      5.3941960214247511077e+3,
      6.8718700749205790830e+2,
      4.2313330701600911252e+1,
      1.0,
    ])

  private static let near = Ratio(
    upper: [
      7.74545014278341407640e-4,
      2.27238449892691845833e-2,
      2.41780725177450611770e-1,
      1.27045825245236838258e+0,
      3.64784832476320460504e+0,
      5.76949722146069140550e+0,
      4.63033784615654529590e+0,
      1.42343711074968357734e+0,
    ],
    lower: [
      1.05075007164441684324e-9,
      5.47593808499534494600e-4,
      1.51986665636164571966e-2,
      1.48103976427480074590e-1,
      6.89767334985100004550e-1,
      1.67638483018380384940e+0,
      2.05319162663775882187e+0,
      1.0,
    ])

  private static let far = Ratio(
    upper: [
      2.01033439929228813265e-7,
      2.71155556874348757815e-5,
      1.24266094738807843860e-3,
      2.65321895265761230930e-2,
      2.96560571828504891230e-1,
      1.78482653991729133580e+0,
      5.46378491116411436990e+0,
      6.65790464350110377720e+0,
    ],
    lower: [
      2.04426310338993978564e-15,
      1.42151175831644588870e-7,
      1.84631831751005468180e-5,
      7.86869131145613259100e-4,
      1.48753612908506148525e-2,
      1.36929880922735805310e-1,
      5.99832206555887937690e-1,
      1.0,
    ])
}
