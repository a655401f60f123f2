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

  /// Positions that are read, from 0 on.
  var inputs: Int { (positions.max() ?? 0) + 1 }

  /// Where `positions` and `weights` have those of one position of the result.
  func tapRange(_ place: Int) -> Range<Int> { place * taps..<(place + 1) * taps }

  /// The one input, wherever one is.
  static func constant(extent: Int) -> AxisFilter {
    AxisFilter(
      taps: 1, positions: Array(repeating: 0, count: extent), weights: Array(repeating: 1, count: extent),
      isShiftInvariant: false)
  }

  /// Cubic B-splines on control points `distance` voxels apart, the second of them at the first voxel.
  static func spline(distance: Double, extent: Int) -> AxisFilter {
    var positions: [Int] = []
    var weights: [Float] = []
    for i in 0..<extent {
      let place = Double(i) / distance
      let first = Int(place)
      let t = place - Double(first)
      let (t2, t3, u) = (t * t, t * t * t, 1 - t)
      let basis = [u * u * u, 3 * t3 - 6 * t2 + 4, 3 * (t + t2 - t3) + 1, t3]
      for (tap, value) in basis.enumerated() {
        positions.append(first + tap)
        weights.append(Float(value / 6))
      }
    }
    return AxisFilter(taps: 4, positions: positions, weights: weights, isShiftInvariant: false)
  }

  /// Slices of a thickness in voxels, each the mean of what lies in it, and linear interpolation between their middles.
  ///
  /// The first begins with the first voxel; the last one may reach beyond the end, and is the mean of what is there.
  static func slices(thickness: Double, extent: Int) -> AxisFilter {
    let count = max(1, Int((Double(extent) / thickness).rounded(.up)))
    let taps = 2 * (Int(thickness.rounded(.up)) + 1)
    var positions: [Int] = []
    var weights: [Float] = []
    for i in 0..<extent {
      let place = min(max((Double(i) + 0.5) / thickness - 0.5, 0), Double(count - 1))
      let first = min(Int(place), count - 1)
      let fraction = place - Double(first)
      var own: [(Int, Float)] = []
      for (slice, share) in [(first, 1 - fraction), (min(first + 1, count - 1), fraction)] where share > 0 {
        let start = Double(slice) * thickness
        let end = min(start + thickness, Double(extent))
        for voxel in Int(start)..<min(extent, Int(end.rounded(.up))) {
          let inside = min(end, Double(voxel) + 1) - max(start, Double(voxel))
          if inside > 0 { own.append((voxel, Float(share * inside / (end - start)))) }
        }
      }
      own += Array(repeating: (own[0].0, 0), count: taps - own.count)
      for (voxel, weight) in own {
        positions.append(voxel)
        weights.append(weight)
      }
    }
    return AxisFilter(taps: taps, positions: positions, weights: weights, isShiftInvariant: false)
  }

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
