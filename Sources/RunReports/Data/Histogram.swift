import Foundations

/// How often values fall into bins of one width, as shares.
struct Histogram {
  let range: ClosedRange<Double>
  /// Of each bin, in order; all together 1, where there is a value in the range.
  let shares: [Double]

  init(_ values: [Float], range: ClosedRange<Double>, bins: Int) {
    self.range = range
    var counts = [Int](repeating: 0, count: bins)
    let width = (range.upperBound - range.lowerBound) / Double(bins)
    for value in values where range.contains(Double(value)) {
      counts[min(bins - 1, Int((Double(value) - range.lowerBound) / width))] += 1
    }
    let all = max(1, counts.reduce(0, +))
    shares = counts.map { Double($0) / Double(all) }
  }

  /// The middle of a bin.
  func middle(_ bin: Int) -> Double {
    range.lowerBound + (Double(bin) + 0.5) * (range.upperBound - range.lowerBound) / Double(shares.count)
  }

  /// Nearly all values: without the outermost 0.5 % at either end. nil where all are alike.
  static func range(of values: [Float]) -> ClosedRange<Double>? {
    let sorted = values.map(Double.init).sorted()
    guard !sorted.isEmpty else { return nil }
    let (low, high) = (sorted.percentile(0.5), sorted.percentile(99.5))
    return low < high ? low...high : nil
  }
}
