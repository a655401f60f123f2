#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Adds `bias[0..<channels]` to each row.
package func addBias(
  _ x: UnsafeMutablePointer<Float>, rows: Int, channels: Int, bias: UnsafePointer<Float>
) {
  for r in 0..<rows {
    let line = x + r &* channels
    for c in 0..<channels { line[c] += bias[c] }
  }
}

/// Adds the sum of the rows to `sums[0..<channels]`.
package func accumulateRows(
  _ x: UnsafePointer<Float>, rows: Int, channels: Int, sums: UnsafeMutablePointer<Double>
) {
  for r in 0..<rows {
    let line = x + r &* channels
    for c in 0..<channels { sums[c] += Double(line[c]) }
  }
}

/// Copies a channel range between rows of different length: `target[r][to...] = source[r][from...]`.
package func copyChannels(
  rows: Int, channels: Int, source: UnsafePointer<Float>, sourceLength: Int, from: Int,
  target: UnsafeMutablePointer<Float>, targetLength: Int, to: Int, adding: Bool
) {
  for r in 0..<rows {
    let line = source + r &* sourceLength + from
    let out = target + r &* targetLength + to
    if adding {
      for c in 0..<channels { out[c] += line[c] }
    } else {
      memcpy(out, line, channels &* 4)
    }
  }
}
