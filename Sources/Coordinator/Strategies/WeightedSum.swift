/// What one update counts in a sum.
package struct Contribution: Sendable, Equatable {
  /// What the update is multiplied by.
  package var factor: Double
  /// What it adds to that by which the sum is divided.
  package var weight: Double
  /// What it adds to a strategy's own tally.
  package var tally: Double

  package init(factor: Double, weight: Double, tally: Double = 0) {
    (self.factor, self.weight, self.tally) = (factor, weight, tally)
  }

  /// Its place in a weighted mean.
  package init(weight: Double) {
    self.init(factor: weight, weight: weight)
  }
}

/// Σ factorᵢ·Δᵢ, Σ weightᵢ and Σ tallyᵢ in Double, added in the order of the calls.
package struct WeightedSum: Sendable, Equatable {
  package private(set) var values: [Double]
  package private(set) var weight = 0.0
  package private(set) var tally = 0.0

  /// A sum of nothing, for updates of `count` elements.
  package init(count: Int) {
    values = [Double](repeating: 0, count: count)
  }

  /// Adds one site's update; `delta` is trained weights minus the round's start.
  package mutating func add(_ delta: [Float], _ contribution: Contribution) {
    precondition(delta.count == values.count, "an update of \(delta.count) values for \(values.count)")
    precondition(contribution.weight > 0 && contribution.weight.isFinite, "weight \(contribution.weight)")
    let factor = contribution.factor
    values.withUnsafeMutableBufferPointer { sum in
      delta.withUnsafeBufferPointer { delta in
        for index in 0..<sum.count { sum[index] += factor * Double(delta[index]) }
      }
    }
    weight += contribution.weight
    tally += contribution.tally
  }

  package mutating func add(_ delta: [Float], weight: Double) {
    add(delta, Contribution(weight: weight))
  }

  /// Σ factorᵢ·Δᵢ / Σ weightᵢ at one place.
  func mean(_ index: Int) -> Double {
    precondition(weight > 0, "nothing was added")
    return values[index] / weight
  }
}

/// What a summing strategy is given of a round.
package struct RoundSum: Sendable {
  package let updates: WeightedSum
  /// The plain sum of what sites send beside, such as changes of control variates; of nothing where no site does.
  package let controls: WeightedSum
  /// How many sites train in the federation, in this round or not.
  package let sites: Int

  package init(_ updates: WeightedSum, controls: WeightedSum? = nil, sites: Int) {
    self.updates = updates
    self.controls = controls ?? WeightedSum(count: 0)
    self.sites = sites
  }

  /// Federated averaging's step at one place.
  func mean(_ index: Int) -> Double { updates.mean(index) }
}
