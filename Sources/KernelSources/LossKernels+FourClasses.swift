import CProcessor
import Kernels

// The loss for four classes, as BraTS has them: 16 rows at once, a register for each class. `rows` is a multiple
// of 16; the rest is the general loop's.

@inline(__always)
private func column(_ p: UnsafePointer<Float>, _ c: Int) -> Lanes { segfed_column4(p, c) }

@inline(__always)
private func larger(_ a: Lanes, _ b: Lanes) -> Lanes { a.replacing(with: b, where: b .> a) }

private func softmaxRows4(
  _ logits: UnsafePointer<Float>, rows: Int, into probabilities: UnsafeMutablePointer<Float>
) {
  var row = 0
  while row < rows {
    let from = logits + row &* 4
    let (z0, z1, z2, z3) = (column(from, 0), column(from, 1), column(from, 2), column(from, 3))
    let top = larger(larger(z0, z1), larger(z2, z3))
    let (e0, e1) = (exponential(z0 - top), exponential(z1 - top))
    let (e2, e3) = (exponential(z2 - top), exponential(z3 - top))
    let inverse = 1 / (e0 + e1 + e2 + e3)
    segfed_rows4(e0 * inverse, e1 * inverse, e2 * inverse, e3 * inverse, probabilities + row &* 4)
    row &+= 16
  }
}

/// The weight of each row's class, from the classes' indicators.
@inline(__always)
private func weightOfTarget(
  _ g0: Lanes, _ g1: Lanes, _ g2: Lanes, _ g3: Lanes, _ weights: UnsafePointer<Float>
) -> Lanes {
  fma(
    fma(fma(g0 * weights[0], g1, Lanes(repeating: weights[1])), g2, Lanes(repeating: weights[2])), g3,
    Lanes(repeating: weights[3]))
}

/// See `accumulateOverlap`. Up to 512 rows are summed in single precision, their sums in double.
private func accumulateOverlap4(
  _ probabilities: UnsafePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int,
  weights: UnsafePointer<Float>, sums: UnsafeMutablePointer<Double>
) -> Double {
  var entropy = 0.0
  var row = 0
  while row < rows {
    let end = min(row &+ 512, rows)
    let part = OverlapSums4(probabilities, targets: targets, from: row, to: end, weights: weights)
    for lane in 0..<16 {
      sums[0] += Double(part.p0[lane])
      sums[1] += Double(part.p1[lane])
      sums[2] += Double(part.p2[lane])
      sums[3] += Double(part.p3[lane])
      sums[4] += Double(part.g0[lane])
      sums[5] += Double(part.g1[lane])
      sums[6] += Double(part.g2[lane])
      sums[7] += Double(part.g3[lane])
      sums[8] += Double(part.o0[lane])
      sums[9] += Double(part.o1[lane])
      sums[10] += Double(part.o2[lane])
      sums[11] += Double(part.o3[lane])
      entropy -= Double(part.logarithms[lane])
    }
    row = end
  }
  return entropy
}

/// Sums of probabilities, of the reference and of both, lane by lane.
private struct OverlapSums4 {
  var p0 = Lanes(repeating: 0), p1 = Lanes(repeating: 0), p2 = Lanes(repeating: 0), p3 = Lanes(repeating: 0)
  var g0 = Lanes(repeating: 0), g1 = Lanes(repeating: 0), g2 = Lanes(repeating: 0), g3 = Lanes(repeating: 0)
  var o0 = Lanes(repeating: 0), o1 = Lanes(repeating: 0), o2 = Lanes(repeating: 0), o3 = Lanes(repeating: 0)
  var logarithms = Lanes(repeating: 0)

  @inline(__always)
  init(
    _ probabilities: UnsafePointer<Float>, targets: UnsafePointer<UInt8>, from first: Int, to end: Int,
    weights: UnsafePointer<Float>
  ) {
    var row = first
    while row < end {
      let from = probabilities + row &* 4
      let t = targets + row
      let (a, b, c, d) = (column(from, 0), column(from, 1), column(from, 2), column(from, 3))
      let (ga, gb, gc, gd) = (
        segfed_indicator(t, 0), segfed_indicator(t, 1), segfed_indicator(t, 2), segfed_indicator(t, 3)
      )
      p0 += a
      p1 += b
      p2 += c
      p3 += d
      g0 += ga
      g1 += gb
      g2 += gc
      g3 += gd
      let (oa, ob, oc, od) = (a * ga, b * gb, c * gc, d * gd)
      o0 += oa
      o1 += ob
      o2 += oc
      o3 += od
      let weight = weightOfTarget(ga, gb, gc, gd, weights)
      logarithms = fma(logarithms, weight, logarithm(larger(oa + ob + oc + od, Lanes(repeating: 1e-30))))
      row &+= 16
    }
  }
}

private func overlapGradient4(
  _ probabilities: UnsafeMutablePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int,
  slope: UnsafePointer<Float>, bonus: UnsafePointer<Float>, weights: UnsafePointer<Float>, weight: Float
) {
  var row = 0
  while row < rows {
    let line = probabilities + row &* 4
    let t = targets + row
    let (p0, p1, p2, p3) = (column(line, 0), column(line, 1), column(line, 2), column(line, 3))
    let (g0, g1, g2, g3) = (
      segfed_indicator(t, 0), segfed_indicator(t, 1), segfed_indicator(t, 2), segfed_indicator(t, 3)
    )
    let w = weightOfTarget(g0, g1, g2, g3, weights) * weight
    // ∂Dice/∂p of each class.
    let d0 = fma(Lanes(repeating: slope[0]), g0, Lanes(repeating: bonus[0]))
    let d1 = fma(Lanes(repeating: slope[1]), g1, Lanes(repeating: bonus[1]))
    let d2 = fma(Lanes(repeating: slope[2]), g2, Lanes(repeating: bonus[2]))
    let d3 = fma(Lanes(repeating: slope[3]), g3, Lanes(repeating: bonus[3]))
    let mean = fma(fma(fma(p0 * d0, p1, d1), p2, d2), p3, d3)
    segfed_rows4(
      fma(p0 * (d0 - mean), w, p0 - g0), fma(p1 * (d1 - mean), w, p1 - g1),
      fma(p2 * (d2 - mean), w, p2 - g2), fma(p3 * (d3 - mean), w, p3 - g3), line)
    row &+= 16
  }
}
