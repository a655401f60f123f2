import Kernels

extension CompiledKernels {
  package static func addNoise(
    _ planes: UnsafeMutablePointer<Float>, planeStep: Int, channels: Int, count: Int, deviation: Float,
    key: SIMD2<UInt32>
  ) {
    for channel in 0..<channels {
      var first = 0
      while first < count {
        let words = PhiloxLanes(
          first: UInt32(truncatingIfNeeded: first &>> 2), second: UInt32(truncatingIfNeeded: channel),
          key: key)
        let (a, b) = normals(words.x0, words.x1)
        let (c, d) = normals(words.x2, words.x3)
        let plane = planes + (channel &* planeStep &+ first)
        add(a * deviation, to: plane, count: count &- first)
        add(b * deviation, to: plane + 16, count: count &- first &- 16)
        add(c * deviation, to: plane + 32, count: count &- first &- 32)
        add(d * deviation, to: plane + 48, count: count &- first &- 48)
        first &+= 64
      }
    }
  }
}

@inline(__always)
private func add(_ value: Lanes, to p: UnsafeMutablePointer<Float>, count: Int) {
  if count > 0 { store(load(p, count: count) + value, p, count: count) }
}

/// Philox4x32-10 (Salmon et al. 2011) on 16 counters in a row: four words of each.
private struct PhiloxLanes {
  private(set) var x0: SIMD16<UInt32>
  private(set) var x1: SIMD16<UInt32>
  private(set) var x2 = SIMD16<UInt32>(repeating: 0)
  private(set) var x3 = SIMD16<UInt32>(repeating: 0)

  @inline(__always)
  init(first: UInt32, second: UInt32, key: SIMD2<UInt32>) {
    x0 = SIMD16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) &+ first
    x1 = SIMD16(repeating: second)
    var (k0, k1) = (key.x, key.y)
    for _ in 0..<10 {
      let a = Self.product(x0, 0xD251_1F53)
      let b = Self.product(x2, 0xCD9E_8D57)
      (x0, x1, x2, x3) = (b.high ^ x1 ^ k0, b.low, a.high ^ x3 ^ k1, a.low)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
  }

  /// Both halves of 32-bit by 32-bit products: even and odd lanes as 64-bit numbers.
  @inline(__always)
  private static func product(
    _ x: SIMD16<UInt32>, _ factor: UInt64
  ) -> (high: SIMD16<UInt32>, low: SIMD16<UInt32>) {
    let pairs = unsafeBitCast(x, to: SIMD8<UInt64>.self)
    let even = (pairs & 0xffff_ffff) &* factor
    let odd = (pairs &>> 32) &* factor
    let high = (even &>> 32) | (odd & 0xffff_ffff_0000_0000)
    let low = (even & 0xffff_ffff) | (odd &<< 32)
    return (
      unsafeBitCast(high, to: SIMD16<UInt32>.self), unsafeBitCast(low, to: SIMD16<UInt32>.self)
    )
  }
}

/// Two standard normal numbers from two words of 23 random bits each (Box and Muller 1958).
@inline(__always)
private func normals(_ a: SIMD16<UInt32>, _ b: SIMD16<UInt32>) -> (Lanes, Lanes) {
  // Bits below a 1's exponent make 1…2: u in (0, 1], v in [0, 1).
  let u = 2 - unsafeBitCast((a &>> 9) | 0x3F80_0000, to: Lanes.self)
  let v = unsafeBitCast((b &>> 9) | 0x3F80_0000, to: Lanes.self) - 1
  let radius = (-2 * logarithm(u)).squareRoot()
  let (sine, cosine) = sineCosine(turns: v)
  return (radius * cosine, radius * sine)
}

/// Sine and cosine of 2πv for v in [0, 1], within 1e-7 (Cephes' polynomials on an eighth of the circle).
@inline(__always)
private func sineCosine(turns v: Lanes) -> (sine: Lanes, cosine: Lanes) {
  let shifted = 4 * v + 12_582_912
  let quarter = unsafeBitCast(shifted, to: SIMD16<UInt32>.self)
  let r = (4 * v - (shifted - 12_582_912)) * 1.57079632679
  let z = r * r
  var s = fma(Lanes(repeating: 8.3321608736e-3), Lanes(repeating: -1.9515295891e-4), z)
  s = fma(Lanes(repeating: -1.6666654611e-1), s, z)
  let sine = fma(r, s * z, r)
  var c = fma(Lanes(repeating: -1.388731625493765e-3), Lanes(repeating: 2.443315711809948e-5), z)
  c = fma(Lanes(repeating: 4.166664568298827e-2), c, z)
  let cosine = fma(fma(Lanes(repeating: 1), Lanes(repeating: -0.5), z), c * z, z)
  let isSwapped = quarter & 1 .!= 0
  return (
    signed(sine.replacing(with: cosine, where: isSwapped), quarter),
    signed(cosine.replacing(with: sine, where: isSwapped), quarter &+ 1)
  )
}

/// The sign flipped in lanes whose second bit is set.
@inline(__always)
private func signed(_ x: Lanes, _ bits: SIMD16<UInt32>) -> Lanes {
  unsafeBitCast(unsafeBitCast(x, to: SIMD16<UInt32>.self) ^ ((bits & 2) &<< 30), to: Lanes.self)
}
