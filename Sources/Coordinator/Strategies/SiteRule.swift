import FederationProtocol

/// What a strategy asks of the sites' own training.
package struct SiteRule: Sendable, Equatable {
  /// μ of μ/2·‖w − w₀‖², added to each site's loss; w₀ are the weights that the round starts from.
  package var proximal = 0.0

  package static let plain = SiteRule()

  /// nil for plain training.
  var wire: WireLocalRule? {
    if self == .plain { return nil }
    var wire = WireLocalRule()
    wire.proximal = proximal
    return wire
  }
}
