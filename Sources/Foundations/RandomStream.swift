/// A stream of random numbers named by what it is for, so that no draw shifts another.
///
/// Two streams with equal names give equal numbers on every machine; there is no other state.
/// Uniform and normal numbers are made with plain IEEE operations (`PortableMath`), never libm.
package struct RandomStream: Sendable {
  /// What a stream is used for; part of its name, so that uses never share draws.
  package enum Purpose: UInt32, Sendable {
    case initialisation = 1
    case split
    case patch
    case augmentation
    case anatomy
    case tumour
    case scanner
    case noise
    case caseMix
    case order
    case test
    case sites
    case participation
    case attack
    case bootstrap
    case contribution
    case codec
    case clock
  }

  private let key: SIMD2<UInt32>
  private let sample: UInt32
  private var drawn: UInt64 = 0
  private var block = SIMD4<UInt32>()
  private var spareNormal: Double?

  /// Names a stream. `site` is a site's name (not its index: leaving a site out shifts nothing).
  package init(
    seed: UInt64, purpose: Purpose, site: String = "", round: Int = 0, step: Int = 0, sample: Int = 0
  ) {
    let seedKey = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    let name = SIMD4(
      purpose.rawValue, RandomStream.hash(site), UInt32(truncatingIfNeeded: round),
      UInt32(truncatingIfNeeded: step))
    let derived = Philox.block(counter: name, key: seedKey)
    key = SIMD2(derived[0], derived[1])
    self.sample = UInt32(truncatingIfNeeded: sample)
  }

  /// FNV-1a over the UTF-8 bytes.
  private static func hash(_ text: String) -> UInt32 {
    text.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }

  package mutating func nextUInt32() -> UInt32 {
    let lane = Int(drawn & 3)
    if lane == 0 {
      let index = drawn >> 2
      block = Philox.block(
        counter: SIMD4(
          UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), sample, 0),
        key: key)
    }
    drawn += 1
    return block[lane]
  }

  package mutating func nextUInt64() -> UInt64 {
    let low = UInt64(nextUInt32())
    return UInt64(nextUInt32()) << 32 | low
  }

  /// A number in [0, 1) with 53 random bits.
  package mutating func uniform() -> Double {
    Double(nextUInt64() >> 11) * 0x1p-53
  }

  /// A number in [range.lowerBound, range.upperBound).
  package mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// An integer in `0..<bound`, without modulo bias beyond 2⁻³².
  package mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0 && bound <= Int(UInt32.max), "the bound must lie in 1...2³²−1")
    return Int((UInt64(nextUInt32()) * UInt64(bound)) >> 32)
  }

  /// A standard normal number (Box–Muller, both values used).
  package mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let radius = (-2 * PortableMath.log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    spareNormal = radius * PortableMath.sin(angle)
    return radius * PortableMath.cos(angle)
  }

  /// A number of the gamma distribution with scale 1 (Marsaglia & Tsang 2000; below 1 through shape + 1).
  package mutating func gamma(shape: Double) -> Double {
    precondition(shape > 0, "a gamma distribution has a positive shape")
    if shape < 1 { return gamma(shape: shape + 1) * PortableMath.pow(1 - uniform(), 1 / shape) }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      if root <= 0 { continue }
      let v = root * root * root
      if PortableMath.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * PortableMath.log(v) { return d * v }
    }
  }

  /// A uniformly random order of `0..<count` (Fisher–Yates).
  package mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, integer(below: i + 1)) }
    return order
  }
}
