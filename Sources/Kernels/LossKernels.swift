#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Softmax of each row of `logits` into `probabilities`, both `(rows, classes)`.
package func softmaxRows(
  _ logits: UnsafePointer<Float>, rows: Int, classes: Int,
  into probabilities: UnsafeMutablePointer<Float>
) {
  for r in 0..<rows {
    let line = logits + r &* classes
    let out = probabilities + r &* classes
    var top = line[0]
    for c in 1..<classes where line[c] > top { top = line[c] }
    var sum: Float = 0
    for c in 0..<classes {
      let e = expf(line[c] - top)
      out[c] = e
      sum += e
    }
    let inverse = 1 / sum
    for c in 0..<classes { out[c] *= inverse }
  }
}

/// Adds, per class, Σp, Σg and Σp·g to `sums` (three runs of `classes` values), and returns the summed cross-entropy.
///
/// `targets` holds a class index for each row.
package func accumulateOverlap(
  _ probabilities: UnsafePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int, classes: Int,
  sums: UnsafeMutablePointer<Double>
) -> Double {
  var entropy = 0.0
  let reference = sums + classes
  let overlap = sums + 2 &* classes
  for r in 0..<rows {
    let line = probabilities + r &* classes
    let target = Int(targets[r])
    for c in 0..<classes { sums[c] += Double(line[c]) }
    reference[target] += 1
    overlap[target] += Double(line[target])
    entropy -= Double(logf(max(line[target], 1e-30)))
  }
  return entropy
}

/// Gradient of (Dice + cross-entropy) with respect to the logits, in place of the probabilities.
///
/// `slope[c]` and `bonus[c]` are ∂Dice loss/∂p: `slope[c]` for every voxel, plus `bonus[c]` where the
/// target is c. `weight` is the cross-entropy's weight for one voxel.
package func overlapGradient(
  _ probabilities: UnsafeMutablePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int, classes: Int,
  slope: UnsafePointer<Float>, bonus: UnsafePointer<Float>, weight: Float
) {
  for r in 0..<rows {
    let line = probabilities + r &* classes
    let target = Int(targets[r])
    var mean = line[target] * bonus[target]
    for c in 0..<classes { mean += line[c] * slope[c] }
    for c in 0..<classes {
      let isTarget = c == target
      let direct = slope[c] + (isTarget ? bonus[c] : 0)
      let p = line[c]
      line[c] = p * (direct - mean) + weight * (p - (isTarget ? 1 : 0))
    }
  }
}

/// Adds `weight` · softmax(logits) of one voxel to `sums[0..<classes]`.
package func softmaxAdd(
  _ logits: UnsafePointer<Float>, classes: Int, weight: Float, into sums: UnsafeMutablePointer<Float>
) {
  var top = logits[0]
  for c in 1..<classes where logits[c] > top { top = logits[c] }
  var total: Float = 0
  for c in 0..<classes { total += expf(logits[c] - top) }
  let factor = weight / total
  for c in 0..<classes { sums[c] += expf(logits[c] - top) * factor }
}
