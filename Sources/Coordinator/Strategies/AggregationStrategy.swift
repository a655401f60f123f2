import FederationProtocol

/// What a strategy has to see of the sites' updates.
package enum AggregationNeed: String, Sendable, Equatable {
  /// Only Σ wᵢ·Δᵢ and Σ wᵢ: no single update is kept, so sums may later be masked or encrypted.
  case weightedSum = "weighted sum"
  /// Each update by itself, as robust aggregation asks for.
  case individualUpdates = "individual updates"
}

/// How updates become the next global model. Plain IEEE arithmetic in a fixed order: anyone can recompute it.
package protocol AggregationStrategy: Sendable {
  /// What users are told of it; its name stands on the command line and in journals.
  static var descriptor: StrategyDescriptor { get }

  /// Takes the parameters of its descriptor, which are all there and within their ranges.
  init(_ parameters: StrategyParameters)

  /// What it asks of the sites' own training; nil: nothing.
  var localRule: WireLocalRule? { get }

  /// What it keeps at the coordinator before the first round, for a model of `count` values.
  func initialState(count: Int) -> [ServerBuffer]

  /// The weight of a site's update, positive and finite, from what it says of its training.
  func weight(cases: Int, steps: Int) -> Double

  /// The next model's values from this model's and the round's accumulated updates. `state` is what `initialState` or the round
  /// before left.
  func apply(_ sum: WeightedSum, to model: [Float], state: inout [ServerBuffer]) -> [Float]
}

extension AggregationStrategy {
  package var name: String { Self.descriptor.name }
  package var needs: AggregationNeed { Self.descriptor.needs }
  package var localRule: WireLocalRule? { nil }
  package func initialState(count: Int) -> [ServerBuffer] { [] }

  /// As many as its training cases (McMahan et al., arXiv 1602.05629).
  package func weight(cases: Int, steps: Int) -> Double { Double(cases) }
}

/// One number for each of the model's that a strategy keeps from round to round, such as a momentum. In single precision, as
/// checkpoints hold it.
package struct ServerBuffer: Sendable, Equatable {
  package let name: String
  package var values: [Float]

  package init(_ name: String, filled value: Float = 0, count: Int) {
    self.init(name, values: [Float](repeating: value, count: count))
  }

  package init(_ name: String, values: [Float]) {
    self.name = name
    self.values = values
  }
}
