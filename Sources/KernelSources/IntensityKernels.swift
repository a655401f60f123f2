import Kernels

extension CompiledKernels {
  package static func weightedSum(
    _ base: UnsafePointer<Float>, offsets: UnsafePointer<Int>, weights: UnsafePointer<Float>, taps: Int,
    count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    var i = 0
    while i &+ 64 <= count {
      var (a, b) = (Lanes(repeating: 0), Lanes(repeating: 0))
      var (c, d) = (a, b)
      for tap in 0..<taps {
        let from = base + (offsets[tap] &+ i)
        let weight = Lanes(repeating: weights[tap])
        a = fma(a, load(from), weight)
        b = fma(b, load(from + 16), weight)
        c = fma(c, load(from + 32), weight)
        d = fma(d, load(from + 48), weight)
      }
      store(a, target + i)
      store(b, target + (i &+ 16))
      store(c, target + (i &+ 32))
      store(d, target + (i &+ 48))
      i &+= 64
    }
    while i < count {
      let lanes = min(16, count &- i)
      var sum = Lanes(repeating: 0)
      for tap in 0..<taps {
        sum = fma(sum, load(base + (offsets[tap] &+ i), count: lanes), Lanes(repeating: weights[tap]))
      }
      store(sum, target + i, count: lanes)
      i &+= 16
    }
  }

  package static func gatheredSum(
    _ line: UnsafePointer<Float>, positions: UnsafePointer<Int>, weights: UnsafePointer<Float>, taps: Int,
    count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count {
      var sum: Float = 0
      for tap in (i &* taps)..<(i &* taps &+ taps) { sum = fma(sum, line[positions[tap]], weights[tap]) }
      target[i] = sum
    }
  }

  package static func moments(_ plane: UnsafePointer<Float>, count: Int) -> PlaneMoments {
    var sums = MomentSums()
    var i = 0
    while i < count {
      sums.add(load(plane + i, count: min(16, count &- i)), count: count &- i)
      i &+= 16
    }
    return sums.result()
  }

  package static func applyTone(
    _ plane: UnsafeMutablePointer<Float>, count: Int, tone: Tone
  ) -> PlaneMoments {
    let tone = LaneTone(tone)
    var sums = MomentSums()
    var i = 0
    while i < count {
      let lanes = min(16, count &- i)
      let value = tone(load(plane + i, count: lanes))
      store(value, plane + i, count: lanes)
      sums.add(value, count: lanes)
      i &+= 16
    }
    return sums.result()
  }

  package static func applyField(
    _ line: UnsafeMutablePointer<Float>, count: Int, polynomial: SIMD4<Float>, start: Float, step: Float,
    low: Float
  ) {
    let black = Lanes(repeating: low)
    let ramp = Lanes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    var i = 0
    while i < count {
      let lanes = min(16, count &- i)
      let t = fma(Lanes(repeating: start), Lanes(repeating: step), ramp + Float(i))
      var p = fma(Lanes(repeating: polynomial[2]), Lanes(repeating: polynomial[3]), t)
      p = fma(Lanes(repeating: polynomial[1]), p, t)
      p = fma(Lanes(repeating: polynomial[0]), p, t)
      let value = load(line + i, count: lanes) - black
      store(fma(black, value, exponential(p)), line + i, count: lanes)
      i &+= 16
    }
  }

  package static func applyPower(
    _ plane: UnsafeMutablePointer<Float>, count: Int, tone: Tone, exponent: Float
  ) -> PlaneMoments {
    let tone = LaneTone(tone)
    var sums = MomentSums()
    var i = 0
    while i < count {
      let lanes = min(16, count &- i)
      let x = tone(load(plane + i, count: lanes))
      // No logarithm below the least normal number: there the power is 0 as well.
      let value = exponential(logarithm(x) * exponent).replacing(
        with: 0, where: x .< Float.leastNormalMagnitude)
      store(value, plane + i, count: lanes)
      sums.add(value, count: lanes)
      i &+= 16
    }
    return sums.result()
  }
}

/// A tone on lanes.
private struct LaneTone {
  private let scale: Lanes
  private let shift: Lanes
  private let low: Lanes
  private let high: Lanes

  @inline(__always)
  init(_ tone: Tone) {
    scale = Lanes(repeating: tone.scale)
    shift = Lanes(repeating: tone.shift)
    low = Lanes(repeating: tone.low)
    high = Lanes(repeating: tone.high)
  }

  @inline(__always)
  func callAsFunction(_ x: Lanes) -> Lanes {
    let y = fma(shift, scale, x)
    let floored = y.replacing(with: low, where: y .< low)
    return floored.replacing(with: high, where: floored .> high)
  }
}

/// Sums of up to 512 values in single precision, their sums in double, always in one order.
private struct MomentSums {
  private var sum = Lanes(repeating: 0)
  private var squares = Lanes(repeating: 0)
  private var low = Lanes(repeating: .infinity)
  private var high = Lanes(repeating: -.infinity)
  private var added = 0
  private var total = SIMD8<Double>(repeating: 0)
  private var totalSquares = SIMD8<Double>(repeating: 0)

  /// Lanes from `count` on are left out.
  @inline(__always)
  mutating func add(_ value: Lanes, count: Int) {
    if count >= 16 {
      sum += value
      squares = fma(squares, value, value)
      low.replace(with: value, where: value .< low)
      high.replace(with: value, where: value .> high)
    } else {
      for lane in 0..<count {
        sum[lane] += value[lane]
        squares[lane] = fma(squares[lane], value[lane], value[lane])
        low[lane] = min(low[lane], value[lane])
        high[lane] = max(high[lane], value[lane])
      }
    }
    added &+= 1
    if added == 32 { flush() }
  }

  @inline(__always)
  private mutating func flush() {
    total += widened(sum.lowHalf) + widened(sum.highHalf)
    totalSquares += widened(squares.lowHalf) + widened(squares.highHalf)
    sum = Lanes(repeating: 0)
    squares = Lanes(repeating: 0)
    added = 0
  }

  @inline(__always)
  mutating func result() -> PlaneMoments {
    flush()
    var moments = PlaneMoments(sum: 0, squares: 0, low: low[0], high: high[0])
    for lane in 0..<8 {
      moments.sum += total[lane]
      moments.squares += totalSquares[lane]
    }
    for lane in 1..<16 {
      moments.low = min(moments.low, low[lane])
      moments.high = max(moments.high, high[lane])
    }
    return moments
  }
}

/// In double precision; the standard library's conversion is generic, and its specialisation a weak symbol.
@inline(__always)
private func widened(_ x: SIMD8<Float>) -> SIMD8<Double> {
  SIMD8(
    Double(x[0]), Double(x[1]), Double(x[2]), Double(x[3]), Double(x[4]), Double(x[5]), Double(x[6]),
    Double(x[7]))
}
