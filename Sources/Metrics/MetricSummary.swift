/// A metric's values over cases in few numbers.
package struct MetricSummary: Sendable, Equatable {
  /// Cases with a value, infinite ones too.
  package let cases: Int
  /// Cases without one.
  package let undefined: Int
  /// Of `cases`.
  package let infinite: Int
  /// nil where it is not finite, or no case has a value.
  package let mean: Double?
  package let median: Double?
  /// Standard deviation of a sample (n − 1); nil for one case.
  package let deviation: Double?

  /// Sums go in the order of the values.
  package init(_ values: [Double]) {
    let defined = values.filter { !$0.isNaN }
    cases = defined.count
    undefined = values.count - defined.count
    infinite = defined.count { $0.isInfinite }
    if defined.isEmpty {
      (mean, median, deviation) = (nil, nil, nil)
      return
    }
    let sorted = defined.sorted()
    let middle = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    median = middle.isFinite ? middle : nil
    guard infinite == 0 else {
      (mean, deviation) = (nil, nil)
      return
    }
    let mean = defined.reduce(0, +) / Double(defined.count)
    self.mean = mean
    let squares = defined.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    deviation = defined.count > 1 ? (squares / Double(defined.count - 1)).squareRoot() : nil
  }
}
