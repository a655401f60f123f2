extension RandomAccessCollection where Element == Double, Index == Int {
  /// The sum as NumPy adds up: blocks of 128 in eight lanes, then pairwise. A share of exactly 95 % then falls on the same side as
  /// in the tools that are written with it.
  var pairwiseSum: Double {
    if count < 8 { return reduce(0, +) }
    if count <= 128 {
      var lanes = SIMD8<Double>(repeating: 0)
      let whole = count - count % 8
      for block in stride(from: startIndex, to: startIndex + whole, by: 8) {
        for lane in 0..<8 { lanes[lane] += self[block + lane] }
      }
      let sum =
        ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
      return self[(startIndex + whole)...].reduce(sum, +)
    }
    let half = count / 2
    let middle = startIndex + half - half % 8
    return self[startIndex..<middle].pairwiseSum + self[middle..<endIndex].pairwiseSum
  }
}
