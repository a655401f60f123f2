import FederationProtocol

/// By which chains weights go down to the sites and come up from them.
package struct CodecPair: Sendable, Equatable, Codable {
  package let down: CodecChain
  package let up: CodecChain

  package static let plain = CodecPair(down: .plain, up: .plain, checked: ())

  private init(down: CodecChain, up: CodecChain, checked: Void) { (self.down, self.up) = (down, up) }

  /// Throws `CodecError` where a chain makes no sense in its direction.
  package init(down: CodecChain, up: CodecChain) throws {
    try down.check(.down)
    try up.check(.up)
    self.init(down: down, up: up, checked: ())
  }

  /// As users write them; nil: without a codec. Throws `CodecError`.
  package init(down: String?, up: String?) throws {
    try self.init(
      down: down.map { try CodecChain($0) } ?? .plain, up: up.map { try CodecChain($0) } ?? .plain)
  }

  package var isPlain: Bool { self == .plain }

  enum CodingKeys: String, CodingKey { case down, up }

  /// Throws `CodecError` too.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      down: container.decode(CodecChain.self, forKey: .down),
      up: container.decode(CodecChain.self, forKey: .up))
  }

  /// Whether control variates would come out as something else than a rounding of them.
  var dropsControls: Bool { down.leavesOut || up.leavesOut }
}
