import Imaging

/// Where a prediction and a reference are of one mind, and where they are not.
package struct ErrorMap: Sendable, Equatable {
  package enum Kind: UInt8, Sendable, CaseIterable {
    /// Background in both.
    case neither
    case agreed
    /// Labelled in the prediction alone.
    case falsePositive
    /// Labelled in the reference alone.
    case falseNegative
    /// Labelled in both, otherwise in each.
    case otherLabel

    init(prediction: UInt16, reference: UInt16) {
      self =
        prediction == reference
        ? (prediction == 0 ? .neither : .agreed)
        : reference == 0 ? .falsePositive : prediction == 0 ? .falseNegative : .otherLabel
    }

    /// What covers a pixel: how much of it, from 0 to 1.
    ///
    /// Kinds differ in pattern and not in colour alone: all of it faintly, stripes that rise or fall to the right, dots.
    func cover(_ x: Int, _ y: Int) -> Double {
      switch self {
      case .neither: 0
      case .agreed: 0.35
      case .falsePositive: (x + y) % 6 < 3 ? 0.85 : 0.15
      case .falseNegative: (x + 5 * y) % 6 < 3 ? 0.85 : 0.15
      case .otherLabel: x % 4 < 2 && y % 4 < 2 ? 1 : 0.15
      }
    }

    /// Red, green, blue: apart for people who see few colours, too.
    var colour: SIMD3<Double> {
      switch self {
      case .neither: .zero
      case .agreed: SIMD3(79, 209, 165)
      case .falsePositive: SIMD3(255, 158, 74)
      case .falseNegative: SIMD3(86, 180, 255)
      case .otherLabel: SIMD3(250, 235, 90)
      }
    }
  }

  /// Along i, j, k.
  package let size: SIMD3<Int>
  /// One for each voxel, i fastest.
  package let kinds: [Kind]

  /// Both maps lie on one grid.
  package init(prediction: LabelVolume, reference: LabelVolume) {
    precondition(prediction.geometry.size == reference.geometry.size, "two maps of one grid")
    size = prediction.geometry.size
    kinds = zip(prediction.labels, reference.labels).map { Kind(prediction: $0, reference: $1) }
  }

  package func count(of kind: Kind) -> Int { kinds.count { $0 == kind } }
}

extension SliceTile {
  /// Covers what lies there by a kind's colour and pattern.
  mutating func paint(_ errors: ErrorMap, _ geometry: Geometry, _ plane: SlicePlane, at voxel: SIMD3<Int>) {
    for (pixel, place) in nearest(geometry, plane, at: voxel).enumerated() {
      guard let place else { continue }
      paint(errors.kinds[place], x: pixel % side, y: pixel / side)
    }
  }

  private mutating func paint(_ kind: ErrorMap.Kind, x: Int, y: Int) {
    let cover = kind.cover(x, y)
    if cover == 0 { return }
    for channel in 0..<3 {
      let below = Double(pixels[y * side + x][channel])
      pixels[y * side + x][channel] = UInt8((1 - cover) * below + cover * kind.colour[channel])
    }
  }

  /// A sample of a kind for a legend, on the grey of a scan.
  static func sample(of kind: ErrorMap.Kind, side: Int) -> SliceTile {
    var tile = SliceTile(millimetres: Double(side), side: side)
    for pixel in tile.pixels.indices {
      tile.pixels[pixel] = SIMD3(repeating: 90)
      tile.paint(kind, x: pixel % side, y: pixel / side)
    }
    return tile
  }
}
