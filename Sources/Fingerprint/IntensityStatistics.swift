/// Intensities of one contrast where label maps are not 0, each case counting the same however large its foreground is, as
/// nnU-Net samples equally many voxels of each: sums over cases, and no voxel.
package struct IntensityStatistics: Sendable, Equatable {
  package let contrast: String
  /// Cases with any foreground.
  package private(set) var cases: Int
  /// Sums over cases of the case's mean intensity, and of its mean squared intensity.
  package private(set) var meanSum: Double
  package private(set) var squareSum: Double
  /// Bins (`IntensityBin`) with voxels, ascending.
  package private(set) var bins: [Int]
  /// For each of `bins` the sum over cases of the share of a case's foreground that lies there; together `cases`.
  package private(set) var shares: [Double]

  package init(
    contrast: String, cases: Int = 0, meanSum: Double = 0, squareSum: Double = 0, bins: [Int] = [],
    shares: [Double] = []
  ) {
    precondition(bins.count == shares.count, "a bin has a share")
    (self.contrast, self.cases, self.meanSum, self.squareSum) = (contrast, cases, meanSum, squareSum)
    (self.bins, self.shares) = (bins, shares)
  }

  /// One case's, from its voxels; `labels` are not 0 in the foreground, which may be empty.
  package init(contrast: String, voxels: [Float], labels: [UInt16]) {
    precondition(voxels.count == labels.count, "a label map has as many voxels as its scan")
    let first = IntensityBin.indices.lowerBound
    var counts = [Int](repeating: 0, count: IntensityBin.indices.count)
    var (count, sum, squares) = (0, 0.0, 0.0)
    counts.withUnsafeMutableBufferPointer { counts in
      for index in voxels.indices where labels[index] != 0 {
        let value = voxels[index]
        counts[IntensityBin.index(of: value) - first] += 1
        count += 1
        sum += Double(value)
        squares += Double(value) * Double(value)
      }
    }
    if count == 0 {
      self.init(contrast: contrast)
      return
    }
    let bins = counts.indices.filter { counts[$0] > 0 }
    self.init(
      contrast: contrast, cases: 1, meanSum: sum / Double(count), squareSum: squares / Double(count),
      bins: bins.map { $0 + first }, shares: bins.map { Double(counts[$0]) / Double(count) })
  }

  /// The cases of both, of one contrast.
  package func merged(with other: IntensityStatistics) -> IntensityStatistics {
    precondition(contrast == other.contrast, "statistics of one contrast are added up")
    var result = IntensityStatistics(
      contrast: contrast, cases: cases + other.cases, meanSum: meanSum + other.meanSum,
      squareSum: squareSum + other.squareSum)
    var (i, j) = (0, 0)
    while i < bins.count || j < other.bins.count {
      let mine = i < bins.count ? bins[i] : Int.max
      let theirs = j < other.bins.count ? other.bins[j] : Int.max
      result.bins.append(min(mine, theirs))
      result.shares.append((mine <= theirs ? shares[i] : 0) + (theirs <= mine ? other.shares[j] : 0))
      if mine <= theirs { i += 1 }
      if theirs <= mine { j += 1 }
    }
    return result
  }

  /// What people read; nil without foreground.
  package var summary: Summary? {
    guard cases > 0, let first = bins.first, let last = bins.last else { return nil }
    let mean = meanSum / Double(cases)
    let variance = max(0, squareSum / Double(cases) - mean * mean)
    return Summary(
      mean: mean, deviation: variance.squareRoot(), least: IntensityBin.bounds(first).lowerBound,
      lowPercentile: percentile(0.5), median: percentile(50), highPercentile: percentile(99.5),
      largest: IntensityBin.bounds(last).upperBound)
  }

  /// The intensity below which `percent` of a hundred lie, in its bin by its share: true to 1/256 of it.
  private func percentile(_ percent: Double) -> Double {
    let total = shares.reduce(0, +)
    var left = percent / 100 * total
    for (bin, share) in zip(bins, shares) {
      if left <= share {
        let bounds = IntensityBin.bounds(bin)
        return bounds.lowerBound + left / share * (bounds.upperBound - bounds.lowerBound)
      }
      left -= share
    }
    return IntensityBin.bounds(bins[bins.count - 1]).upperBound
  }

  /// nnU-Net's `foreground_intensity_properties`.
  package struct Summary: Sendable, Equatable {
    package let mean: Double
    /// Over n.
    package let deviation: Double
    /// The edge of the lowest bin with a voxel; no voxel's own intensity, nor is `largest`.
    package let least: Double
    /// Percentiles 0.5 and, `highPercentile`, 99.5.
    package let lowPercentile: Double
    package let median: Double
    package let highPercentile: Double
    package let largest: Double
  }
}
