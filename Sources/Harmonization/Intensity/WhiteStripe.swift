import Foundations

/// Normal-appearing white matter by its peak in the histogram (Shinohara et al. 2014), as `intensity-normalization` 3.0.1
/// finds it.
struct WhiteStripe: Equatable {
  /// Quantiles taken on each side of the peak.
  private static let width = 0.05
  /// Where the tail is cut before the last peak is looked for.
  private static let tail = 96.0
  private static let gridPoints = 80

  /// The stripe's mean and deviation (over n), in the scan's intensities.
  let mean: Double
  let deviation: Double

  /// nil where the values around the peak are all equal.
  ///
  /// `lastPeak`: white matter is the brightest peak, as in T1, not the largest.
  init?(_ brain: SortedValues, lastPeak: Bool, loop: ParallelLoop) {
    guard let peak = Self.peak(brain, last: lastPeak, loop: loop) else { return nil }
    let quantile = Double(brain.count(below: peak)) / Double(brain.count)
    let lower = brain.percentile(100 * max(quantile - Self.width, 0))
    let upper = brain.percentile(100 * min(quantile + Self.width, 1))
    let start = brain.count(below: lower, orAt: true)
    let end = brain.count(below: upper)
    guard start < end, brain.values[start] < brain.values[end - 1] else { return nil }
    let moments = Moments(brain.values[start..<end], loop: loop)
    (mean, deviation) = (moments.mean, moments.deviation)
  }

  private static func peak(_ brain: SortedValues, last: Bool, loop: ParallelLoop) -> Double? {
    let end = last ? brain.count(below: brain.percentile(tail), orAt: true) : brain.count
    let values = brain.values[..<end]
    guard let least = values.first, let largest = values.last, least < largest else { return nil }
    let density = density(values, loop: loop)
    let isPeak = { density[$0] > density[$0 - 1] && density[$0] > density[$0 + 1] }
    let inner = 1..<gridPoints - 1
    let point = (last ? inner.last(where: isPeak) : nil) ?? density.firstIndex(of: density.max()!)!
    let (a, b) = (Double(least), Double(largest))
    return a + (b - a) * Double(point) / Double(gridPoints - 1)
  }

  /// The kernel density at points from the least to the largest value, up to a factor: normal kernels, bandwidth by
  /// Scott's rule (SciPy's `gaussian_kde`).
  private static func density(_ values: ArraySlice<Float>, loop: ParallelLoop) -> [Double] {
    let count = Double(values.count)
    let deviation = (Moments(values, loop: loop).squares / (count - 1)).squareRoot()
    let bandwidth = deviation * PortableMath.pow(count, -0.2)
    let histogram = FineHistogram(values)
    let kernel = (0...FineHistogram.intervals).map { distance in
      let z = Double(distance) * histogram.step / bandwidth
      return PortableMath.exp(-0.5 * z * z)
    }
    let stride = FineHistogram.intervals / (gridPoints - 1)
    return histogram.counts.withUnsafeBufferPointer { counts in
      kernel.withUnsafeBufferPointer { kernel in
        (0..<gridPoints).map { point in
          var sum = 0.0
          for node in 0..<counts.count { sum += counts[node] * kernel[abs(node - point * stride)] }
          return sum
        }
      }
    }
  }
}
