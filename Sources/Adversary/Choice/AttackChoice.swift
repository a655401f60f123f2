import Foundations

/// An attack as users write it: `signflip`, or `signflip:sites=2,scale=4`.
package struct AttackChoice: Sendable, Equatable, CustomStringConvertible {
  package let kind: AttackKind
  private let values: [String: Double]

  /// Throws `AttackError.choice`.
  package init(_ text: String) throws {
    let choice = try Self.named(text)
    guard let kind = AttackKind(rawValue: choice.name) else {
      preconditionFailure("a choice is of a known attack")
    }
    self.kind = kind
    values = Dictionary(
      uniqueKeysWithValues: kind.parameters.map { ($0.name, choice.values[$0.name] ?? $0.defaultValue) })
  }

  private static func named(_ text: String) throws -> NamedChoice {
    do {
      return try NamedChoice(
        text, kind: "Attack",
        known: AttackKind.allCases.map { (name: $0.rawValue, parameters: $0.parameters) })
    } catch let fault as ChoiceFault {
      throw AttackError.choice(fault)
    }
  }

  /// A parameter of the attack, default filled in.
  package subscript(name: String) -> Double {
    guard let value = values[name] else { preconditionFailure("\(name) is no parameter of the attack") }
    return value
  }

  /// How many sites are hostile.
  package var sites: Int { Int(self["sites"]) }

  /// With every parameter, also those that were left at their defaults: what results depend on.
  package var description: String {
    kind.rawValue + ":"
      + kind.parameters.map { "\($0.name)=\($0.text(self[$0.name]))" }.joined(separator: ",")
  }
}

/// Written as a user would write it, with every parameter.
extension AttackChoice: Codable {
  package init(from decoder: any Decoder) throws {
    self = try AttackChoice(decoder.singleValueContainer().decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
