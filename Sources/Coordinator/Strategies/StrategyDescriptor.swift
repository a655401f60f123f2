/// What users are told of a strategy.
package struct StrategyDescriptor: Sendable, Equatable {
  /// A number that a user may choose.
  package struct Parameter: Sendable, Equatable {
    package let name: String
    package let defaultValue: Double
    package let range: ClosedRange<Double>
    package let meaning: String

    package init(_ name: String, default value: Double, range: ClosedRange<Double>, meaning: String) {
      precondition(range.contains(value), "\(name): the default lies outside its range")
      self.name = name
      defaultValue = value
      self.range = range
      self.meaning = meaning
    }
  }

  package let name: String
  package let summary: String
  /// Where its rule stands.
  package let paper: String
  package let needs: AggregationNeed
  package let parameters: [Parameter]

  package init(
    name: String, summary: String, paper: String, needs: AggregationNeed = .weightedSum,
    parameters: [Parameter] = []
  ) {
    self.name = name
    self.summary = summary
    self.paper = paper
    self.needs = needs
    self.parameters = parameters
  }
}

/// A strategy's parameters, defaults filled in.
package struct StrategyParameters: Sendable, Equatable {
  private let values: [String: Double]

  init(_ descriptor: StrategyDescriptor, chosen: [String: Double]) {
    values = Dictionary(
      uniqueKeysWithValues: descriptor.parameters.map { ($0.name, chosen[$0.name] ?? $0.defaultValue) })
  }

  /// A parameter of the strategy's descriptor.
  package subscript(name: String) -> Double {
    guard let value = values[name] else { preconditionFailure("\(name) is no parameter of the strategy") }
    return value
  }
}
