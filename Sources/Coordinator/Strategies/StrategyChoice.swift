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

  /// Throws `StrategyError`.
  package init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let descriptor = Self.descriptors.first(where: { $0.name == parts[0] }) else {
      throw StrategyError.unknown(parts[0], known: Self.descriptors.map(\.name))
    }
    var chosen: [String: Double] = [:]
    for word in (parts.count > 1 ? parts[1] : "").split(separator: ",", omittingEmptySubsequences: true) {
      let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let parameter = descriptor.parameters.first(where: { $0.name == pair[0] }) else {
        throw StrategyError.unknownParameter(
          pair[0], strategy: descriptor.name, known: descriptor.parameters.map(\.name))
      }
      guard chosen[parameter.name] == nil else {
        throw StrategyError.repeated(parameter.name, strategy: descriptor.name)
      }
      guard pair.count == 2, let value = Double(pair[1]), parameter.range.contains(value) else {
        throw StrategyError.value(
          pair.count == 2 ? pair[1] : "nothing", parameter: parameter.name, strategy: descriptor.name,
          expected: parameter.range)
      }
      guard !parameter.isWhole || value == value.rounded() else {
        throw StrategyError.notWhole(pair[1], parameter: parameter.name, strategy: descriptor.name)
      }
      chosen[parameter.name] = value
    }
    self.init(descriptor, chosen: chosen)
  }

  /// Throws `StrategyError.optimizer` where its rule does not hold with the sites' optimiser: `name` of a plan, and its momentum.
  package func check(optimizer name: String, isSGD: Bool, momentum: Double) throws {
    let (need, found) = (
      descriptor.optimizer, isSGD && momentum != 0 ? "\(name) with momentum \(momentum)" : name
    )
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
