import Kernels

// Own elementary functions on lanes: the same bits on every CPU, unlike libm's.

/// e to the power x for x ≤ 0 or small: within 2 ulp; 0 below −87.3, as the cut at the smallest normal number.
///
/// Cody–Waite reduction by ln 2 and a polynomial of degree 6 (Cephes' `expf`).
@inline(__always)
private func exponential(_ x: Lanes) -> Lanes {
  // No generic function of the standard library here: `clamped` would be a call, and a weak symbol.
  let (least, most) = (Lanes(repeating: -87.3), Lanes(repeating: 88))
  let bounded = x.replacing(with: least, where: x .< least).replacing(with: most, where: x .> most)
  // Adding 1.5·2²³ rounds to the nearest whole number, which then stands in the low bits.
  let magic = Lanes(repeating: 12_582_912)
  let shifted = fma(magic, bounded, Lanes(repeating: 1.44269504))
  let k = shifted - magic
  let r = fma(fma(bounded, k, Lanes(repeating: -0.693359375)), k, Lanes(repeating: 2.12194440e-4))
  var p = Lanes(repeating: 1.9875691500e-4)
  p = fma(Lanes(repeating: 1.3981999507e-3), p, r)
  p = fma(Lanes(repeating: 8.3334519073e-3), p, r)
  p = fma(Lanes(repeating: 4.1665795894e-2), p, r)
  p = fma(Lanes(repeating: 1.6666665459e-1), p, r)
  p = fma(Lanes(repeating: 5.0000001201e-1), p, r)
  let y = fma(r, p, r * r) + 1
  let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< 23
  let bits = unsafeBitCast(y, to: SIMD16<Int32>.self) &+ exponent
  let result = unsafeBitCast(bits, to: Lanes.self)
  return result.replacing(with: 0, where: x .< least)
}

/// The natural logarithm of a positive normal number, within 2 ulp (Cephes' `logf`).
@inline(__always)
private func logarithm(_ x: Float) -> Float {
  let bits = Int32(bitPattern: x.bitPattern)
  var k = Float((bits &>> 23) &- 126)
  var m = Float(bitPattern: UInt32(bitPattern: (bits & 0x007f_ffff) | 0x3f00_0000))
  if m < 0.707106781 {
    k -= 1
    m += m
  }
  m -= 1
  let z = m * m
  var p: Float = 7.0376836292e-2
  p = fma(-1.1514610310e-1, p, m)
  p = fma(1.1676998740e-1, p, m)
  p = fma(-1.2420140846e-1, p, m)
  p = fma(1.4249322787e-1, p, m)
  p = fma(-1.6668057665e-1, p, m)
  p = fma(2.0000714765e-1, p, m)
  p = fma(-2.4999993993e-1, p, m)
  p = fma(3.3333331174e-1, p, m)
  var y = m * z * p
  y = fma(y, k, -2.12194440e-4)
  y = fma(y, z, -0.5)
  return fma(m + y, k, 0.693359375)
}

/// The same on lanes.
@inline(__always)
private func logarithm(_ x: Lanes) -> Lanes {
  let bits = unsafeBitCast(x, to: SIMD16<UInt32>.self)
  // A whole number in the low bits of 1.5·2²³.
  let exponent = unsafeBitCast((bits &>> 23) &+ (0x4B40_0000 &- 126), to: Lanes.self) - 12_582_912
  let fraction = unsafeBitCast((bits & 0x007f_ffff) | 0x3f00_0000, to: Lanes.self)
  let isSmall = fraction .< 0.707106781
  let k = exponent.replacing(with: exponent - 1, where: isSmall)
  let m = fraction.replacing(with: fraction + fraction, where: isSmall) - 1
  let z = m * m
  var p = Lanes(repeating: 7.0376836292e-2)
  p = fma(Lanes(repeating: -1.1514610310e-1), p, m)
  p = fma(Lanes(repeating: 1.1676998740e-1), p, m)
  p = fma(Lanes(repeating: -1.2420140846e-1), p, m)
  p = fma(Lanes(repeating: 1.4249322787e-1), p, m)
  p = fma(Lanes(repeating: -1.6668057665e-1), p, m)
  p = fma(Lanes(repeating: 2.0000714765e-1), p, m)
  p = fma(Lanes(repeating: -2.4999993993e-1), p, m)
  p = fma(Lanes(repeating: 3.3333331174e-1), p, m)
  var y = m * z * p
  y = fma(y, k, Lanes(repeating: -2.12194440e-4))
  y = fma(y, z, Lanes(repeating: -0.5))
  return fma(m + y, k, Lanes(repeating: 0.693359375))
}
