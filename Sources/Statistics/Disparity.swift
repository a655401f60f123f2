import Foundations

/// How unequal sites fare: of one number for each site, the higher the better.
package struct Disparity: Sendable, Equatable {
  /// The best minus the worst.
  package let range: Double
  /// Between sites, of a sample (n − 1); 0 of one site.
  package let deviation: Double
  /// Which site is worst, the first of equals.
  package let worst: Int
  package let worstValue: Double
  /// The mean of the worst tenth of the sites, of one at least.
  package let worstDecile: Double
  /// Half the mean difference of two sites over their mean, 0 where all are equal; nil of numbers that are not all 0 or more with
  /// a sum above 0.
  package let gini: Double?

  /// nil of no sites.
  package init?(_ values: [Double]) {
    guard let sample = Sample(values), let worst = values.indices.min(by: { values[$0] < values[$1] }) else {
      return nil
    }
    range = sample.maximum - sample.minimum
    deviation = sample.deviation ?? 0
    self.worst = worst
    worstValue = values[worst]
    let sorted = values.sorted()
    worstDecile = Array(sorted.prefix((values.count + 9) / 10)).mean
    let sum = sorted.reduce(0, +)
    if sample.minimum >= 0, sum > 0 {
      let n = Double(values.count)
      let weighed = sorted.enumerated().reduce(0.0) { $0 + Double($1.offset + 1) * $1.element }
      gini = 2 * weighed / (n * sum) - (n + 1) / n
    } else {
      gini = nil
    }
  }
}
