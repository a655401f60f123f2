import Foundations

/// What a table prints of some numbers, none of which is NaN.
package struct Sample: Sendable, Equatable {
  package let count: Int
  package let mean: Double
  package let median: Double
  /// From the mean, of a sample (n − 1); nil of a single number.
  package let deviation: Double?
  package let minimum: Double
  package let maximum: Double

  /// nil of no numbers. Sums go in the order given.
  package init?(_ values: [Double]) {
    guard let first = values.first else { return nil }
    let sorted = values.sorted()
    let mean = values.mean
    count = values.count
    self.mean = mean
    median = sorted.percentile(50)
    let squares = values.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) }
    deviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : nil
    minimum = sorted.first ?? first
    maximum = sorted.last ?? first
  }
}

extension Array where Element == Double {
  /// NaN of no numbers.
  package var mean: Double { reduce(0, +) / Double(count) }
}
