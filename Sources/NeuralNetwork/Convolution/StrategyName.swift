import Tensor

/// A way to compute a pass of a convolution, as a user names it.
package enum StrategyName: Sendable, Hashable, CustomStringConvertible {
  case winograd(WinogradTile)
  case direct
  case gather
  case reference

  package var description: String {
    switch self {
    case .winograd(let tile): "winograd:\(tile.results)"
    case .direct: "direct"
    case .gather: "gather"
    case .reference: "reference"
    }
  }

  /// Reads what `description` writes (`winograd:1×4×4`, an x for × too); nil where it is something else.
  package init?(_ text: String) {
    switch text {
    case "direct": self = .direct
    case "gather": self = .gather
    case "reference": self = .reference
    default:
      let parts = text.split(separator: ":")
      guard parts.count == 2, parts[0] == "winograd" else { return nil }
      let sizes = parts[1].split(whereSeparator: { $0 == "×" || $0 == "x" }).compactMap { Int($0) }
      guard sizes.count == 3, sizes.allSatisfy({ [1, 2, 4, 6].contains($0) }) else { return nil }
      self = .winograd(WinogradTile(Axes(sizes[0], sizes[1], sizes[2])))
    }
  }
}

/// The three passes of a convolution.
package enum ConvolutionPass: String, Sendable, Hashable, CaseIterable {
  case forward
  case inputGradient = "input gradient"
  case weightGradient = "weight gradient"
}
