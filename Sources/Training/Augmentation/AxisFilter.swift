import Foundations

/// A linear filter along one axis: each position of the result is a weighted sum of `taps` positions.
struct AxisFilter {
  let taps: Int
  /// `(position, tap)`: what is read.
  let positions: [Int]
  /// `(position, tap)`.
  let weights: [Float]
  /// Whether all positions have the same weights on themselves and their neighbours.
  let isShiftInvariant: Bool

  var extent: Int { positions.count / taps }

  /// Gaussian blur of a standard deviation in voxels; the ends are reflected about the end voxels.
  ///
  /// Batchgeneratorsv2's: cut at three deviations, to an odd number of voxels.
  static func blur(deviation: Double, extent: Int) -> AxisFilter {
    let reach = oddSize(6 * deviation + 0.5) / 2
    let bell = (-reach...reach).map { place in
      let x = Double(place) / deviation
      return PortableMath.exp(-0.5 * x * x)
    }
    let sum = bell.reduce(0, +)
    let weights = bell.map { Float($0 / sum) }
    return AxisFilter(
      taps: weights.count,
      positions: (0..<extent).flatMap { i in
        (-reach...reach).map { reflected(i + $0, extent: extent) }
      },
      weights: (0..<extent).flatMap { _ in weights }, isShiftInvariant: true)
  }

  /// The nearest odd number.
  private static func oddSize(_ size: Double) -> Int {
    let rounded = size.rounded(.toNearestOrEven)
    if Int(rounded) % 2 == 1 { return Int(rounded) }
    return Int(rounded) + (size >= rounded ? 1 : -1)
  }

  static func reflected(_ index: Int, extent: Int) -> Int {
    if extent == 1 { return 0 }
    let period = 2 * (extent - 1)
    let place = ((index % period) + period) % period
    return place < extent ? place : period - place
  }

  /// To a grid of `scale` times the voxels and back: the nearest voxel down, linear up (PyTorch's
  /// `interpolate`, `nearest-exact` and `linear`).
  static func lowResolution(scale: Double, extent: Int) -> AxisFilter {
    let coarse = max(1, Int((Double(extent) * scale).rounded(.toNearestOrEven)))
    var positions: [Int] = []
    var weights: [Float] = []
    for i in 0..<extent {
      let place = max(0, (Double(i) + 0.5) * Double(coarse) / Double(extent) - 0.5)
      let first = min(Int(place), coarse - 1)
      let fraction = Float(place - Double(first))
      for (index, weight) in [(first, 1 - fraction), (min(first + 1, coarse - 1), fraction)] {
        positions.append((2 * index + 1) * extent / (2 * coarse))
        weights.append(weight)
      }
    }
    return AxisFilter(taps: 2, positions: positions, weights: weights, isShiftInvariant: false)
  }
}
