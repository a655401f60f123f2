/// Adds Σx and Σx² over `rows` rows to `sums[0..<channels]` and `squares[0..<channels]`.
///
/// Partial sums of 32 rows are taken in Float, their sum in Double, always in the same order.
package func accumulateMoments(
  _ x: UnsafePointer<Float>, rows: Int, channels: Int, partial: UnsafeMutablePointer<Float>,
  sums: UnsafeMutablePointer<Double>, squares: UnsafeMutablePointer<Double>
) {
  var row = 0
  while row < rows {
    let end = min(row &+ 32, rows)
    partial.update(repeating: 0, count: 2 &* channels)
    let second = partial + channels
    for r in row..<end {
      let line = x + r &* channels
      for c in 0..<channels {
        let value = line[c]
        partial[c] += value
        second[c] += value * value
      }
    }
    for c in 0..<channels {
      sums[c] += Double(partial[c])
      squares[c] += Double(second[c])
    }
    row = end
  }
}

/// y = leaky(scale·x + shift) row by row, per channel; leaky multiplies negatives by `slope`.
package func scaleShiftLeaky(
  _ x: UnsafePointer<Float>, rows: Int, channels: Int, scale: UnsafePointer<Float>,
  shift: UnsafePointer<Float>, slope: Float, into y: UnsafeMutablePointer<Float>
) {
  for r in 0..<rows {
    let line = x + r &* channels
    let out = y + r &* channels
    for c in 0..<channels {
      let z = line[c] * scale[c] + shift[c]
      out[c] = z > 0 ? z : z * slope
    }
  }
}

/// Adds Σdz and Σdz·x to the sums, where dz = dy · leaky′(scale·x + shift).
package func accumulateNormGradient(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, rows: Int, channels: Int,
  scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, mean: UnsafePointer<Float>, slope: Float,
  partial: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Double>,
  products: UnsafeMutablePointer<Double>
) {
  var row = 0
  while row < rows {
    let end = min(row &+ 32, rows)
    partial.update(repeating: 0, count: 2 &* channels)
    let second = partial + channels
    for r in row..<end {
      let line = x + r &* channels
      let gradient = dy + r &* channels
      for c in 0..<channels {
        let z = line[c] * scale[c] + shift[c]
        let dz = z > 0 ? gradient[c] : gradient[c] * slope
        partial[c] += dz
        second[c] += dz * (line[c] - mean[c])
      }
    }
    for c in 0..<channels {
      sums[c] += Double(partial[c])
      products[c] += Double(second[c])
    }
    row = end
  }
}

/// dx = scale·(dz − a − (x − mean)·b) per channel, dz as above; may run in place of dy.
package func normInputGradient(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, rows: Int, channels: Int,
  scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, mean: UnsafePointer<Float>,
  a: UnsafePointer<Float>, b: UnsafePointer<Float>, slope: Float, into dx: UnsafeMutablePointer<Float>
) {
  for r in 0..<rows {
    let line = x + r &* channels
    let gradient = dy + r &* channels
    let out = dx + r &* channels
    for c in 0..<channels {
      let z = line[c] * scale[c] + shift[c]
      let dz = z > 0 ? gradient[c] : gradient[c] * slope
      out[c] = scale[c] * (dz - a[c] - (line[c] - mean[c]) * b[c])
    }
  }
}
