import FederationProtocol

/// What a strategy has to see of the sites' updates.
package enum AggregationNeed: String, Sendable, Equatable {
  /// Only a weighted sum of the updates (`SummingStrategy`): no single update is looked at, so sums may later be masked or
  /// encrypted.
  case weightedSum = "weighted sum"
  /// Each update by itself (`SelectingStrategy`), as robust aggregation asks for.
  case individualUpdates = "individual updates"
  /// One site after the other goes on with the model of the one before (`SequentialStrategy`).
  case oneAfterTheOther = "one site after the other"
}

/// How updates become the next global model. Plain IEEE arithmetic in a fixed order: anyone can recompute it.
///
/// A strategy is a `SummingStrategy`, a `SelectingStrategy` or a `SequentialStrategy`.
package protocol AggregationStrategy: Sendable {
  /// What users are told of it; its name stands on the command line and in journals.
  static var descriptor: StrategyDescriptor { get }

  /// Takes the parameters of its descriptor, which are all there and within their ranges.
  init(_ parameters: StrategyParameters)

  /// The fewest sites whose updates it can make a model of; its descriptor's unless its parameters say more.
  var minimumSites: Int { get }

  /// What it keeps at the coordinator before the first round, for a model of `count` values.
  func initialState(count: Int) -> [ServerBuffer]

  /// What it asks of the sites' own training of a model with these tensors; nil: nothing. `state` is as before the round.
  func localRule(_ ranges: [TensorRange], state: [ServerBuffer]) -> WireLocalRule?
}

extension AggregationStrategy {
  package var name: String { Self.descriptor.name }
  package var needs: AggregationNeed { Self.descriptor.needs }
  package var isPersonal: Bool { Self.descriptor.isPersonal }
  package var minimumSites: Int { Self.descriptor.minimumSites }
  package func initialState(count: Int) -> [ServerBuffer] { [] }
  package func localRule(_ ranges: [TensorRange], state: [ServerBuffer]) -> WireLocalRule? { nil }
}

/// A strategy that sees nothing of the updates but sums.
package protocol SummingStrategy: AggregationStrategy {
  /// Whether sites send something beside their updates, such as changes of control variates.
  var hasControls: Bool { get }

  /// What each of a round's updates counts, in their order.
  func contributions(_ updates: [UpdateFacts], weighting: Weighting) -> [Contribution]

  /// The next model's values from this model's and the round's sums. `state` is what `initialState` or the round before left.
  func apply(_ round: RoundSum, to model: [Float], state: inout [ServerBuffer]) -> [Float]
}

extension SummingStrategy {
  package var hasControls: Bool { false }

  package func contributions(_ updates: [UpdateFacts], weighting: Weighting) -> [Contribution] {
    updates.map { Contribution(weight: weighting.weight(of: $0)) }
  }

  /// Federated averaging's step.
  package func apply(_ round: RoundSum, to model: [Float], state: inout [ServerBuffer]) -> [Float] {
    model.indices.map { Float(Double(model[$0]) + round.mean($0)) }
  }
}

/// A strategy under which the sites of a round train one after the other, each from the model of the one before; the last one's
/// is the next global model.
package protocol SequentialStrategy: AggregationStrategy {}

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

  var isFinite: Bool { values.allSatisfy(\.isFinite) }
}
