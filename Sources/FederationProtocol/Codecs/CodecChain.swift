import Foundations

/// How a message's weights are made small: stages one after the other, such as `delta+topk:fraction=0.01+int4+entropy`.
package struct CodecChain: Sendable, Equatable, CustomStringConvertible {
  /// Which elements, or what instead of them, are sent.
  package enum Selection: Sendable, Equatable {
    case largest(fraction: Double)
    case random(fraction: Double)
    case lowRank(Int)
  }

  /// Which way a message goes.
  package enum Direction: String, Sendable, Equatable, CaseIterable {
    /// From the coordinator to the sites.
    case down
    /// From a site to the coordinator.
    case up
  }

  package let isDelta: Bool
  /// Whether kernels are coded as their cosine transforms.
  package let isTransformed: Bool
  package let selection: Selection?
  package let format: NumberFormat
  package let isEntropyCoded: Bool

  /// Every weight in single precision: no codec.
  package static let plain = CodecChain(
    isDelta: false, selection: nil, format: .float32, isEntropyCoded: false)

  package init(
    isDelta: Bool, isTransformed: Bool = false, selection: Selection?, format: NumberFormat,
    isEntropyCoded: Bool
  ) {
    self.isDelta = isDelta
    self.isTransformed = isTransformed
    self.selection = selection
    self.format = format
    self.isEntropyCoded = isEntropyCoded
  }

  /// As users write it. Throws `CodecError`.
  package init(_ text: String) throws {
    var stages: [(stage: CodecStage, choice: NamedChoice)] = []
    for word in text.split(separator: "+", omittingEmptySubsequences: false) {
      let choice = try Self.choice(String(word))
      guard let stage = CodecStage.all.first(where: { $0.name == choice.name }) else {
        preconditionFailure("a choice is of a known stage")
      }
      if let last = stages.last?.stage, last.place >= stage.place {
        throw CodecError.order(
          chain: text, first: last.name, second: stage.name, isSamePlace: last.place == stage.place)
      }
      stages.append((stage, choice))
    }
    func stage(_ place: CodecStage.Place) -> (stage: CodecStage, choice: NamedChoice)? {
      stages.first { $0.stage.place == place }
    }
    isDelta = stage(.difference) != nil
    isTransformed = stage(.transform) != nil
    selection = stage(.selection).map { Self.selection($0.stage, $0.choice) }
    format = stage(.numbers).map { Self.format($0.stage, $0.choice) } ?? .float32
    isEntropyCoded = stage(.coding) != nil
  }

  private static func choice(_ word: String) throws -> NamedChoice {
    do {
      return try NamedChoice(
        word, kind: "Codec", known: CodecStage.all.map { ($0.name, $0.parameters) }, listing: "segfed codecs")
    } catch let fault as ChoiceFault {
      throw CodecError.choice(fault)
    }
  }

  private static func selection(_ stage: CodecStage, _ choice: NamedChoice) -> Selection {
    let parameter = stage.parameters[0]
    let value = choice.values[parameter.name] ?? parameter.defaultValue
    return switch stage.name {
    case "topk": .largest(fraction: value)
    case "randk": .random(fraction: value)
    default: .lowRank(Int(value))
    }
  }

  private static func format(_ stage: CodecStage, _ choice: NamedChoice) -> NumberFormat {
    if let known = NumberFormat.plain.first(where: { $0.name == stage.name }) { return known }
    return .uniform(step: choice.values["step"] ?? stage.parameters[0].defaultValue)
  }

  /// With every parameter; equal chains are written alike.
  package var description: String {
    var words: [String] = isDelta ? ["delta"] : []
    if isTransformed { words.append("dct") }
    switch selection {
    case .largest(let fraction): words.append("topk:fraction=\(fraction)")
    case .random(let fraction): words.append("randk:fraction=\(fraction)")
    case .lowRank(let rank): words.append("lowrank:rank=\(rank)")
    case nil: break
    }
    if format != .float32 || words.isEmpty { words.append(format.text) }
    if isEntropyCoded { words.append("entropy") }
    return words.joined(separator: "+")
  }

  // MARK: What it declares

  package var isPlain: Bool { self == .plain }

  /// Whether sites' messages can be added as they are, without decoding any.
  package var isAdditive: Bool {
    if case .random = selection { return format == .float32 && !isEntropyCoded }
    return selection == nil && format == .float32 && !isEntropyCoded
  }

  /// Whether numbers come out otherwise than they went in. What is lost is kept by the sender and added to what it sends next (error
  /// feedback).
  package var isLossy: Bool { isTransformed || selection != nil || format != .float32 }

  /// Whether it leaves numbers out, or all of them but their signs.
  package var leavesOut: Bool { selection != nil || format.leavesOut }

  /// Whether it makes sense in one direction: what leaves elements out, or rounds at random, is for a change of weights.
  ///
  /// Throws `CodecError.needsDelta`.
  package func check(_ direction: Direction) throws {
    if direction == .down && (leavesOut || format.levels != nil) && !isDelta {
      throw CodecError.needsDelta(chain: description)
    }
  }

  /// What becomes of SCAFFOLD's control variates: their numbers are written alike, none is left out.
  package var ofControls: CodecChain {
    CodecChain(
      isDelta: false, isTransformed: isTransformed, selection: nil, format: format,
      isEntropyCoded: isEntropyCoded)
  }
}

/// Written as a user would write it, with every parameter.
extension CodecChain: Codable {
  package init(from decoder: any Decoder) throws {
    self = try CodecChain(decoder.singleValueContainer().decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
