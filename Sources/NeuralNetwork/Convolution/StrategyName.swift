import Tensor

/// A way to compute a pass of a convolution, as a user names it.
package enum StrategyName: Sendable, Hashable, CustomStringConvertible {
  case winograd(WinogradTile)
  case direct
  case gather
  case reference

  package var description: String {
    switch self {
    case .winograd(let tile): "winograd:\(tile.results)".replacing("×", with: "x")
    case .direct: "direct"
    case .gather: "gather"
    case .reference: "reference"
    }
  }

  /// What may be typed, for messages.
  package static let spellings =
    "direct, gather, reference, winograd:1x4x4 (depth, height and width of a tile's results: 2, 4 or 6, "
    + "or 1 where the kernel is 1 wide)"

  /// Reads what `description` writes (`winograd:1x4x4`, a × for x too); nil where it is something else.
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
