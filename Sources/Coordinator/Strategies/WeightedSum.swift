/// Σ wᵢ·Δᵢ and Σ wᵢ in Double, added in the order of the calls.
package struct WeightedSum: Sendable, Equatable {
  package private(set) var values: [Double]
  package private(set) var weight = 0.0

  /// A sum of nothing, for updates of `count` elements.
  package init(count: Int) {
    values = [Double](repeating: 0, count: count)
  }

  /// Adds one site's update; `delta` is trained weights minus the round's start.
  package mutating func add(_ delta: [Float], weight: Double) {
    precondition(delta.count == values.count, "an update of \(delta.count) values for \(values.count)")
    precondition(weight > 0 && weight.isFinite, "weight \(weight)")
    values.withUnsafeMutableBufferPointer { sum in
      delta.withUnsafeBufferPointer { delta in
        for index in 0..<sum.count { sum[index] += weight * Double(delta[index]) }
      }
    }
    self.weight += weight
  }
}

extension WeightedSum {
  /// Σ wᵢ·Δᵢ / Σ wᵢ at one place.
  func mean(_ index: Int) -> Double {
    precondition(weight > 0, "nothing was added")
    return values[index] / weight
  }
}
