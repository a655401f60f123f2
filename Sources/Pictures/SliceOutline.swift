import Imaging

/// A label map whose labels are outlined in slices of a scan.
package struct SliceOutline: Sendable {
  package enum Style: Sendable, Equatable {
    /// The labels' own colours, as label maps have them in PNG.
    case solid
    /// Dashes in a paler colour, so that what lies below shows between them.
    case dashed

    /// Half of the way to white.
    package func colour(ofLabel label: UInt16) -> SIMD3<UInt8> {
      let colour = PNG.colour(ofLabel: label)
      return self == .solid ? colour : SIMD3(repeating: 127) &+ colour / 2
    }

    /// Dashes lie along diagonals: every direction of a line crosses them.
    func draws(_ x: Int, _ y: Int, side: Int) -> Bool {
      self == .solid || (x + y) / max(1, side / 70) % 2 == 0
    }
  }

  let map: LabelVolume
  let style: Style

  package init(_ map: LabelVolume, style: Style = .solid) { (self.map, self.style) = (map, style) }
}
