import Kernels

// Toom–Cook transforms along one axis for a kernel of 3 taps (Winograd 1980; Lavin & Gray 2016), on
// points 0, ±p, ±q, … and ∞. For results y, inputs d and taps g, all vectors along the axis:
// y = Aᵀ[(G g) ⊙ (Bᵀ d)]; the weight gradient is Gᵀ[(Bᵀ d) ⊙ (A y′)] for the results' gradient y′.
// Rows for +p and −p share their even and odd parts, so the matrices never appear as such.

/// Vectors read by their place along an axis.
private protocol LaneSource {
  func callAsFunction(_ i: Int) -> Lanes
}

/// Vectors written by their place along an axis.
private protocol LaneSink {
  mutating func callAsFunction(_ i: Int, _ value: Lanes)
}

/// The transforms of tiles of one size along one axis, one type for each, so that loops over lines hold no choice.
private protocol AxisTile {
  /// Results of a tile, and inputs.
  static var results: Int { get }
  static var points: Int { get }
  /// Bᵀ d: inputs.
  static func input(_ d: some LaneSource, _ t: inout some LaneSink)
  /// Aᵀ m: results.
  static func output(_ m: some LaneSource, _ y: inout some LaneSink)
  /// A y′: gradients of results.
  static func gradient(_ y: some LaneSource, _ t: inout some LaneSink)
  /// G g: weights.
  static func filter(_ g: some LaneSource, _ t: inout some LaneSink)
  /// Gᵀ t: weight gradients.
  static func filterGradient(_ t: some LaneSource, _ g: inout some LaneSink)
}

/// Vectors at a constant distance.
private struct StridedLanes: LaneSource, LaneSink {
  var base: UnsafeMutablePointer<Float>
  let step: Int

  @inline(__always) func callAsFunction(_ i: Int) -> Lanes { load(UnsafePointer(base + i &* step)) }
  @inline(__always) func callAsFunction(_ i: Int, _ value: Lanes) { store(value, base + i &* step) }
}

@inline(__always)
private func constant(_ x: Float) -> Lanes { Lanes(repeating: x) }

/// An axis along which the kernel is one wide: nothing to transform.
private enum Tile1: AxisTile {
  @inline(__always) static var results: Int { 1 }
  @inline(__always) static var points: Int { 1 }
  @inline(__always) static func input(_ d: some LaneSource, _ t: inout some LaneSink) { t(0, d(0)) }
  @inline(__always) static func output(_ m: some LaneSource, _ y: inout some LaneSink) { y(0, m(0)) }
  @inline(__always) static func gradient(_ y: some LaneSource, _ t: inout some LaneSink) { t(0, y(0)) }
  @inline(__always) static func filter(_ g: some LaneSource, _ t: inout some LaneSink) { t(0, g(0)) }
  @inline(__always) static func filterGradient(_ t: some LaneSource, _ g: inout some LaneSink) { g(0, t(0)) }
}

/// Points 0, ±1, ∞.
private enum Tile2: AxisTile {
  @inline(__always) static var results: Int { 2 }
  @inline(__always) static var points: Int { 4 }

  @inline(__always)
  static func input(_ d: some LaneSource, _ t: inout some LaneSink) {
    let (d0, d1, d2, d3) = (d(0), d(1), d(2), d(3))
    t(0, d2 - d0)
    t(1, d2 + d1)
    t(2, d2 - d1)
    t(3, d3 - d1)
  }

  @inline(__always)
  static func output(_ m: some LaneSource, _ y: inout some LaneSink) {
    let (m0, m1, m2, m3) = (m(0), m(1), m(2), m(3))
    y(0, m0 + (m1 + m2))
    y(1, (m1 - m2) + m3)
  }

  @inline(__always)
  static func gradient(_ y: some LaneSource, _ t: inout some LaneSink) {
    let (y0, y1) = (y(0), y(1))
    t(0, y0)
    t(1, y0 + y1)
    t(2, y0 - y1)
    t(3, y1)
  }

  @inline(__always)
  static func filter(_ g: some LaneSource, _ t: inout some LaneSink) {
    let (g0, g1, g2) = (g(0), g(1), g(2))
    t(0, -g0)
    let even = (g0 + g2) * constant(0.5)
    t(1, fma(even, g1, constant(0.5)))
    t(2, fma(even, g1, constant(-0.5)))
    t(3, g2)
  }

  @inline(__always)
  static func filterGradient(_ t: some LaneSource, _ g: inout some LaneSink) {
    let (t0, t1, t2, t3) = (t(0), t(1), t(2), t(3))
    let half = (t1 + t2) * constant(0.5)
    g(0, half - t0)
    g(1, (t1 - t2) * constant(0.5))
    g(2, half + t3)
  }
}

/// Points 0, ±½, ±3⁄2, ∞.
private enum Tile4: AxisTile {
  @inline(__always) static var results: Int { 4 }
  @inline(__always) static var points: Int { 6 }

  @inline(__always)
  static func input(_ d: some LaneSource, _ t: inout some LaneSink) {
    let (d0, d1, d2, d3, d4, d5) = (d(0), d(1), d(2), d(3), d(4), d(5))
    t(0, fma(fma(d4, d2, constant(-2.5)), d0, constant(0.5625)))
    let evenP = fma(d4, d2, constant(-2.25))
    let oddP = fma(d3, d1, constant(-2.25))
    t(1, fma(evenP, oddP, constant(0.5)))
    t(2, fma(evenP, oddP, constant(-0.5)))
    let evenQ = fma(d4, d2, constant(-0.25))
    let oddQ = fma(d3, d1, constant(-0.25))
    t(3, fma(evenQ, oddQ, constant(1.5)))
    t(4, fma(evenQ, oddQ, constant(-1.5)))
    t(5, fma(fma(d5, d3, constant(-2.5)), d1, constant(0.5625)))
  }

  @inline(__always)
  static func output(_ m: some LaneSource, _ y: inout some LaneSink) {
    let (m0, m1, m2, m3, m4, m5) = (m(0), m(1), m(2), m(3), m(4), m(5))
    let (sumP, differenceP) = (m1 + m2, m1 - m2)
    let (sumQ, differenceQ) = (m3 + m4, m3 - m4)
    y(0, m0 + (sumP + sumQ))
    y(1, fma(differenceP * constant(0.5), differenceQ, constant(1.5)))
    y(2, fma(sumP * constant(0.25), sumQ, constant(2.25)))
    y(3, fma(fma(m5, differenceP, constant(0.125)), differenceQ, constant(3.375)))
  }

  @inline(__always)
  static func gradient(_ y: some LaneSource, _ t: inout some LaneSink) {
    let (y0, y1, y2, y3) = (y(0), y(1), y(2), y(3))
    t(0, y0)
    let evenP = fma(y0, y2, constant(0.25))
    let oddP = fma(y1 * constant(0.5), y3, constant(0.125))
    t(1, evenP + oddP)
    t(2, evenP - oddP)
    let evenQ = fma(y0, y2, constant(2.25))
    let oddQ = fma(y1 * constant(1.5), y3, constant(3.375))
    t(3, evenQ + oddQ)
    t(4, evenQ - oddQ)
    t(5, y3)
  }

  /// Divisors: 0: p²q² = 9⁄16; ±p: 2p²(p² − q²) = −1; ±q: 2q²(q² − p²) = 9.
  @inline(__always)
  static func filter(_ g: some LaneSource, _ t: inout some LaneSink) {
    let (g0, g1, g2) = (g(0), g(1), g(2))
    t(0, g0 * constant(16.0 / 9))
    let evenP = fma(-g0, g2, constant(-0.25))
    t(1, fma(evenP, g1, constant(-0.5)))
    t(2, fma(evenP, g1, constant(0.5)))
    let evenQ = fma(g0 * constant(1.0 / 9), g2, constant(0.25))
    t(3, fma(evenQ, g1, constant(1.0 / 6)))
    t(4, fma(evenQ, g1, constant(-1.0 / 6)))
    t(5, g2)
  }

  @inline(__always)
  static func filterGradient(_ t: some LaneSource, _ g: inout some LaneSink) {
    let (t0, t1, t2, t3, t4, t5) = (t(0), t(1), t(2), t(3), t(4), t(5))
    let (sumP, differenceP) = (t1 + t2, t1 - t2)
    let (sumQ, differenceQ) = (t3 + t4, t3 - t4)
    g(0, fma(fma(-sumP, t0, constant(16.0 / 9)), sumQ, constant(1.0 / 9)))
    g(1, fma(differenceP * constant(-0.5), differenceQ, constant(1.0 / 6)))
    g(2, fma(fma(t5, sumP, constant(-0.25)), sumQ, constant(0.25)))
  }
}

/// Points 0, ±1, ±2, ±½, ∞.
private enum Tile6: AxisTile {
  @inline(__always) static var results: Int { 6 }
  @inline(__always) static var points: Int { 8 }

  @inline(__always)
  static func input(_ d: some LaneSource, _ t: inout some LaneSink) {
    let (d0, d1, d2, d3) = (d(0), d(1), d(2), d(3))
    let (d4, d5, d6, d7) = (d(4), d(5), d(6), d(7))
    t(0, fma(d6 - d0, d4 - d2, constant(-5.25)))
    let even1 = fma(d6 + d2, d4, constant(-4.25))
    let odd1 = fma(d5 + d1, d3, constant(-4.25))
    t(1, even1 + odd1)
    t(2, even1 - odd1)
    let even2 = fma(fma(d6, d4, constant(-1.25)), d2, constant(0.25))
    let odd2 = fma(fma(d5, d3, constant(-1.25)), d1, constant(0.25))
    t(3, fma(even2, odd2, constant(2)))
    t(4, fma(even2, odd2, constant(-2)))
    let even3 = fma(fma(d6, d4, constant(-5)), d2, constant(4))
    let odd3 = fma(fma(d5, d3, constant(-5)), d1, constant(4))
    t(5, fma(even3, odd3, constant(0.5)))
    t(6, fma(even3, odd3, constant(-0.5)))
    t(7, fma(d7 - d1, d5 - d3, constant(-5.25)))
  }

  @inline(__always)
  static func output(_ m: some LaneSource, _ y: inout some LaneSink) {
    let (m0, m1, m2, m3) = (m(0), m(1), m(2), m(3))
    let (m4, m5, m6, m7) = (m(4), m(5), m(6), m(7))
    let (sum1, difference1) = (m1 + m2, m1 - m2)
    let (sum2, difference2) = (m3 + m4, m3 - m4)
    let (sum3, difference3) = (m5 + m6, m5 - m6)
    y(0, m0 + sum1 + (sum2 + sum3))
    y(1, fma(fma(difference1, difference2, constant(2)), difference3, constant(0.5)))
    y(2, fma(fma(sum1, sum2, constant(4)), sum3, constant(0.25)))
    y(3, fma(fma(difference1, difference2, constant(8)), difference3, constant(0.125)))
    y(4, fma(fma(sum1, sum2, constant(16)), sum3, constant(0.0625)))
    y(5, fma(fma(difference1 + m7, difference2, constant(32)), difference3, constant(0.03125)))
  }

  @inline(__always)
  static func gradient(_ y: some LaneSource, _ t: inout some LaneSink) {
    let (y0, y1, y2) = (y(0), y(1), y(2))
    let (y3, y4, y5) = (y(3), y(4), y(5))
    t(0, y0)
    let even1 = y0 + y2 + y4
    let odd1 = y1 + y3 + y5
    t(1, even1 + odd1)
    t(2, even1 - odd1)
    let even2 = fma(fma(y0, y2, constant(4)), y4, constant(16))
    let odd2 = fma(fma(y1 * constant(2), y3, constant(8)), y5, constant(32))
    t(3, even2 + odd2)
    t(4, even2 - odd2)
    let even3 = fma(fma(y0, y2, constant(0.25)), y4, constant(0.0625))
    let odd3 = fma(fma(y1 * constant(0.5), y3, constant(0.125)), y5, constant(0.03125))
    t(5, even3 + odd3)
    t(6, even3 - odd3)
    t(7, y5)
  }

  /// Divisors: 0: −1; ±1: 2(1 − 4)(1 − ¼) = −4½; ±2: 8(4 − 1)(4 − ¼) = 90; ±½: ½(¼ − 1)(¼ − 4) = 45⁄32.
  @inline(__always)
  static func filter(_ g: some LaneSource, _ t: inout some LaneSink) {
    let (g0, g1, g2) = (g(0), g(1), g(2))
    t(0, -g0)
    let even1 = (g0 + g2) * constant(-2.0 / 9)
    t(1, fma(even1, g1, constant(-2.0 / 9)))
    t(2, fma(even1, g1, constant(2.0 / 9)))
    let even2 = fma(g0 * constant(1.0 / 90), g2, constant(4.0 / 90))
    t(3, fma(even2, g1, constant(2.0 / 90)))
    t(4, fma(even2, g1, constant(-2.0 / 90)))
    let even3 = fma(g0 * constant(32.0 / 45), g2, constant(8.0 / 45))
    t(5, fma(even3, g1, constant(16.0 / 45)))
    t(6, fma(even3, g1, constant(-16.0 / 45)))
    t(7, g2)
  }

  @inline(__always)
  static func filterGradient(_ t: some LaneSource, _ g: inout some LaneSink) {
    let (t0, t1, t2, t3) = (t(0), t(1), t(2), t(3))
    let (t4, t5, t6, t7) = (t(4), t(5), t(6), t(7))
    let (sum1, difference1) = (t1 + t2, t1 - t2)
    let (sum2, difference2) = (t3 + t4, t3 - t4)
    let (sum3, difference3) = (t5 + t6, t5 - t6)
    let two9 = constant(-2.0 / 9)
    g(0, fma(fma(fma(-t0, sum1, two9), sum2, constant(1.0 / 90)), sum3, constant(32.0 / 45)))
    g(1, fma(fma(difference1 * two9, difference2, constant(2.0 / 90)), difference3, constant(16.0 / 45)))
    g(2, fma(fma(fma(t7, sum1, two9), sum2, constant(4.0 / 90)), sum3, constant(8.0 / 45)))
  }
}
