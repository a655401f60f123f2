import Foundations

/// What users are told of a strategy, and what can be checked before any work.
package struct StrategyDescriptor: Sendable, Equatable {
  package typealias Parameter = NumberParameter

  /// With which optimiser at the sites its rule holds.
  package enum OptimizerNeed: String, Sendable, Equatable {
    case any
    /// Stochastic gradient descent, with momentum or without.
    case sgd = "SGD"
    /// Stochastic gradient descent without momentum; the parameter `allow-momentum` lets any pass.
    case plainSGD = "SGD without momentum"
  }

  package let name: String
  package let summary: String
  /// Where its rule stands.
  package let paper: String
  package let needs: AggregationNeed
  package let parameters: [Parameter]
  package let optimizer: OptimizerNeed
  /// Whether it weighs the sites' updates as the user says (`Weighting`); it has weights of its own otherwise.
  package let takesWeights: Bool
  /// Whether a site goes on with something of its own from round to round, which only the last model goes with.
  package let isPersonal: Bool
  /// What of the network each site keeps to itself; nil: nothing of it.
  package let personalKind: String?
  /// The fewest sites whose updates it can make a model of with its default parameters.
  package let minimumSites: Int
  /// Whether the coordinator has to train an update of its own in each round (`SiteUpdates.root`).
  package let needsRoot: Bool
  /// Whether what each site has sent stays in the strategy's state for good, answered for by what that site keeps.
  package let keepsControls: Bool
  /// What a site starts from that did not train.
  package let unseen: String

  package init(
    name: String, summary: String, paper: String, needs: AggregationNeed = .weightedSum,
    parameters: [Parameter] = [], optimizer: OptimizerNeed = .any, takesWeights: Bool = true,
    isPersonal: Bool = false, personalKind: String? = nil, minimumSites: Int = 1,
    needsRoot: Bool = false, keepsControls: Bool = false, unseen: String = "the global model"
  ) {
    self.name = name
    self.summary = summary
    self.paper = paper
    self.needs = needs
    self.parameters = parameters
    self.optimizer = optimizer
    self.takesWeights = takesWeights
    self.isPersonal = isPersonal
    self.personalKind = personalKind
    self.minimumSites = minimumSites
    self.needsRoot = needsRoot
    self.keepsControls = keepsControls
    self.unseen = unseen
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
