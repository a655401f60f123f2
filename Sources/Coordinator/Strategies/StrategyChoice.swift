import Foundations

/// A strategy as users write it: `fedadam`, or `fedadam:eta=0.03,tau=0.001`.
package struct StrategyChoice: Sendable, Equatable, CustomStringConvertible {
  /// All strategies, in the order in which they are listed.
  private static let known: [any AggregationStrategy.Type] = [
    FederatedAveraging.self, FedProx.self, FedAvgM.self, FedAdam.self, FedYogi.self, FedAdagrad.self,
    Scaffold.self, FedNova.self, FedDyn.self, QFedAvg.self, FedBN.self, FADL.self, Ditto.self,
    CyclicTransfer.self, CoordinateMedian.self, TrimmedMean.self, Krum.self, MultiKrum.self,
    GeometricMedian.self, NormClipping.self, FLTrust.self,
  ]

  package static var descriptors: [StrategyDescriptor] { known.map { $0.descriptor } }

  package static let fedAvg = StrategyChoice(FederatedAveraging.descriptor)

  package let descriptor: StrategyDescriptor
  private let parameters: StrategyParameters

  private init(_ descriptor: StrategyDescriptor, chosen: [String: Double] = [:]) {
    self.descriptor = descriptor
    parameters = StrategyParameters(descriptor, chosen: chosen)
  }

  /// Throws `StrategyError.choice`.
  package init(_ text: String) throws {
    let choice = try Self.named(text)
    guard let descriptor = Self.descriptors.first(where: { $0.name == choice.name }) else {
      preconditionFailure("a choice is of a known strategy")
    }
    self.init(descriptor, chosen: choice.values)
  }

  private static func named(_ text: String) throws -> NamedChoice {
    do {
      return try NamedChoice(
        text, kind: "Strategy", known: descriptors.map { (name: $0.name, parameters: $0.parameters) })
    } catch let fault as ChoiceFault {
      throw StrategyError.choice(fault)
    }
  }

  /// Throws `StrategyError.optimizer` where its rule does not hold with the sites' optimiser: `name` of a plan, and its momentum.
  /// A moving average of the weights is never what it is for.
  package func check(optimizer name: String, isSGD: Bool, momentum: Double, averages: Bool) throws {
    let (need, found) = (
      descriptor.optimizer, isSGD && momentum != 0 ? "\(name) with momentum \(momentum)" : name
    )
    if averages && need != .any {
      throw StrategyError.optimizer(
        strategy: descriptor.name, found: "\(name) with a moving average of the weights",
        expected: "none of these",
        canBeAllowed: false)
    }
    let allowed = descriptor.parameters.contains { $0.name == Self.allowance }
    if allowed && parameters[Self.allowance] != 0 || need == .any { return }
    if !isSGD || need == .plainSGD && momentum != 0 {
      throw StrategyError.optimizer(
        strategy: descriptor.name, found: found, expected: need.rawValue, canBeAllowed: allowed)
    }
  }

  private static let allowance = "allow-momentum"

  /// The strategy itself.
  package func make() -> any AggregationStrategy {
    guard let type = Self.known.first(where: { $0.descriptor == descriptor }) else {
      preconditionFailure("a choice is of a known strategy")
    }
    return type.init(parameters)
  }

  /// With every parameter, also those that were left at their defaults: what results depend on.
  package var description: String {
    let values = descriptor.parameters.map { "\($0.name)=\(parameters[$0.name])" }
    return descriptor.name + (values.isEmpty ? "" : ":" + values.joined(separator: ","))
  }
}

/// Written as a user would write it, with every parameter.
extension StrategyChoice: Codable {
  package init(from decoder: any Decoder) throws {
    self = try StrategyChoice(decoder.singleValueContainer().decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
