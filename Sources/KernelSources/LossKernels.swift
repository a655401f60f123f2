import Kernels

// Softmax over 16 rows at once: lane r is row r, so that no sum runs across lanes.

extension CompiledKernels {
  package static func softmaxRows(
    _ logits: UnsafePointer<Float>, rows: Int, classes: Int, into probabilities: UnsafeMutablePointer<Float>
  ) {
    var row = 0
    if classes == 4 {
      row = rows & ~15
      softmaxRows4(logits, rows: row, into: probabilities)
    }
    while row < rows {
      let lanes = min(16, rows &- row)
      let from = logits + row &* classes
      let out = probabilities + row &* classes
      let top = highest(from, classes, lanes)
      var sum = Lanes(repeating: 0)
      for c in 0..<classes {
        let e = exponential(column(from + c, classes, lanes) - top)
        for r in 0..<lanes { out[r &* classes &+ c] = e[r] }
        sum += e
      }
      let inverse = 1 / sum
      for r in 0..<lanes {
        let line = out + r &* classes
        for c in 0..<classes { line[c] *= inverse[r] }
      }
      row &+= 16
    }
  }

  package static func accumulateOverlap(
    _ probabilities: UnsafePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int, classes: Int,
    weights: UnsafePointer<Float>, sums: UnsafeMutablePointer<Double>
  ) -> Double {
    var entropy = 0.0
    let reference = sums + classes
    let overlap = sums + 2 &* classes
    var first = 0
    if classes == 4 {
      first = rows & ~15
      entropy = accumulateOverlap4(
        probabilities, targets: targets, rows: first, weights: weights, sums: sums)
    }
    for r in first..<rows {
      let line = probabilities + r &* classes
      let target = Int(targets[r])
      for c in 0..<classes { sums[c] += Double(line[c]) }
      reference[target] += 1
      overlap[target] += Double(line[target])
      entropy -= Double(weights[target] * logarithm(max(line[target], 1e-30)))
    }
    return entropy
  }

  package static func overlapGradient(
    _ probabilities: UnsafeMutablePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int, classes: Int,
    slope: UnsafePointer<Float>, bonus: UnsafePointer<Float>, weights: UnsafePointer<Float>, weight: Float
  ) {
    var first = 0
    if classes == 4 {
      first = rows & ~15
      overlapGradient4(
        probabilities, targets: targets, rows: first, slope: slope, bonus: bonus, weights: weights,
        weight: weight)
    }
    for r in first..<rows {
      let line = probabilities + r &* classes
      let target = Int(targets[r])
      let entropyWeight = weights[target] * weight
      var mean = line[target] * bonus[target]
      for c in 0..<classes { mean = fma(mean, line[c], slope[c]) }
      for c in 0..<classes {
        let isTarget = c == target
        let direct = slope[c] + (isTarget ? bonus[c] : 0)
        let p = line[c]
        line[c] = fma(p * (direct - mean), entropyWeight, p - (isTarget ? 1 : 0))
      }
    }
  }
}

/// The highest logit of up to 16 rows.
@inline(__always)
private func highest(_ p: UnsafePointer<Float>, _ classes: Int, _ rows: Int) -> Lanes {
  var top = column(p, classes, rows)
  for c in 1..<classes {
    let value = column(p + c, classes, rows)
    top.replace(with: value, where: value .> top)
  }
  return top
}

/// One class of up to 16 rows.
@inline(__always)
private func column(_ p: UnsafePointer<Float>, _ classes: Int, _ rows: Int) -> Lanes {
  var value = Lanes(repeating: 0)
  for r in 0..<rows { value[r] = p[r &* classes] }
  return value
}
