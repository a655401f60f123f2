/// How many values there are, their sum, and the sum of their squares: all that a site tells of a feature.
package struct Moments: Sendable, Equatable {
  package private(set) var count = 0
  package private(set) var sum = 0.0
  package private(set) var squares = 0.0

  package init() {}

  package init(_ values: [Double]) {
    for value in values { add(value) }
  }

  package mutating func add(_ value: Double) {
    count += 1
    sum += value
    squares += value * value
  }

  /// Adds another site's.
  package mutating func add(_ other: Moments) {
    count += other.count
    sum += other.sum
    squares += other.squares
  }

  package var mean: Double? { count > 0 ? sum / Double(count) : nil }

  /// The squared deviations from the mean, summed. What rounding leaves of equal values counts as 0.
  package var deviation: Double {
    guard count > 0 else { return 0 }
    let deviation = squares - sum * sum / Double(count)
    return deviation > 1e-12 * squares ? deviation : 0
  }
}
