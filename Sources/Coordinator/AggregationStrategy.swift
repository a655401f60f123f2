/// What a strategy has to see of the sites' updates.
package enum AggregationNeed: Sendable, Equatable {
  /// Only Σ wᵢ·Δᵢ and Σ wᵢ: no single update is kept, so sums may later be masked or encrypted.
  case weightedSum
  /// Each update by itself, as robust aggregation asks for.
  case individualUpdates
}

/// How updates become the next global model. Plain IEEE arithmetic in a fixed order: anyone can recompute it.
package protocol AggregationStrategy: Sendable {
  /// The name on the command line and in journals.
  var name: String { get }

  var needs: AggregationNeed { get }

  /// The weight of a site's update, positive and finite, from what it says of its training.
  func weight(cases: Int, steps: Int) -> Double

  /// The next model's values from this model's and the round's accumulated updates.
  func apply(_ sum: WeightedSum, to model: [Float]) -> [Float]
}

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
