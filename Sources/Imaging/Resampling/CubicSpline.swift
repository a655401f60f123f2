/// Interpolation of one line by a cubic B-spline, as `scipy.ndimage.zoom(order=3, mode="nearest", grid_mode=True)` does
/// it: the line goes on beyond its ends with its end values.
package struct CubicSpline: Sendable {
  /// Samples of the line, and of the new one.
  let old: Int
  let new: Int
  /// Where the four coefficients of each new sample begin in the padded line, and their weights.
  private let first: [Int]
  private let weights: [SIMD4<Double>]

  /// End values put before and after the line (SciPy's 12): the filter's memory fades by 0.27 a sample.
  private static let padding = 12
  private static let pole = 3.0.squareRoot() - 2

  init(old: Int, new: Int) {
    self.old = old
    self.new = new
    var first: [Int] = []
    var weights: [SIMD4<Double>] = []
    for index in 0..<new {
      let exact = (Double(index) + 0.5) * Double(old) / Double(new) - 0.5 + Double(Self.padding)
      let whole = exact.rounded(.down)
      first.append(Int(whole) - 1)
      weights.append(Self.basis(exact - whole))
    }
    self.first = first
    self.weights = weights
  }

  /// Values of a line with its padding.
  var paddedCount: Int { old + 2 * Self.padding }

  /// Values of the four cubic B-splines around a place that lies `t` after the second of their centres.
  package static func basis(_ t: Double) -> SIMD4<Double> {
    let u = 1 - t
    return SIMD4(
      u * u * u / 6, (4 - 6 * t * t + 3 * t * t * t) / 6, (4 - 6 * u * u + 3 * u * u * u) / 6, t * t * t / 6)
  }

  /// Interpolates `lanes` lines at once.
  ///
  /// - Parameters:
  ///   - source: value i of line l at `l·laneStep + i·step`.
  ///   - target: the same with `targetLaneStep` and `targetStep`.
  ///   - scratch: `paddedCount · lanes` values.
  func resample(
    _ source: UnsafePointer<Float>, laneStep: Int, step: Int, lanes: Int,
    into target: UnsafeMutablePointer<Float>,
    targetLaneStep: Int, targetStep: Int, scratch: UnsafeMutablePointer<Double>
  ) {
    for place in 0..<paddedCount {
      let from = source + min(max(place - Self.padding, 0), old - 1) * step
      for lane in 0..<lanes { scratch[place * lanes + lane] = Double(from[lane * laneStep]) }
    }
    filter(scratch, lanes: lanes)
    for index in 0..<new {
      let (row, w) = (scratch + first[index] * lanes, weights[index])
      let to = target + index * targetStep
      for lane in 0..<lanes {
        let value =
          w[0] * row[lane] + w[1] * row[lanes + lane] + w[2] * row[2 * lanes + lane] + w[3]
          * row[3 * lanes + lane]
        to[lane * targetLaneStep] = Float(value)
      }
    }
  }

  /// From samples to B-spline coefficients (Unser 1999): one pass forth and one back, mirrored at the padded ends.
  private func filter(_ line: UnsafeMutablePointer<Double>, lanes: Int) {
    let (z, count) = (Self.pole, paddedCount)
    let gain = (1 - z) * (1 - 1 / z)
    for lane in 0..<lanes {
      var sum = line[lane]
      var power = z
      for place in 1..<count {
        sum += power * line[place * lanes + lane]
        power *= z
      }
      line[lane] = sum
    }
    // The samples, times the gain, replace themselves as they are passed.
    for lane in 0..<lanes { line[lane] *= gain }
    for place in 1..<count {
      let (before, here) = (line + (place - 1) * lanes, line + place * lanes)
      for lane in 0..<lanes { here[lane] = gain * here[lane] + z * before[lane] }
    }
    let (last, previous) = (line + (count - 1) * lanes, line + (count - 2) * lanes)
    for lane in 0..<lanes { last[lane] = z / (z * z - 1) * (last[lane] + z * previous[lane]) }
    for place in stride(from: count - 2, through: 0, by: -1) {
      let (after, here) = (line + (place + 1) * lanes, line + place * lanes)
      for lane in 0..<lanes { here[lane] = z * (after[lane] - here[lane]) }
    }
  }
}
