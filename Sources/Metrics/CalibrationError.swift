/// How far predicted probabilities are from how often they come true, in bins of equal width.
///
/// A bin holds its upper bound and not its lower one, the first one 0 too (Guo et al. 2017, and what MONAI's
/// `calibration_binning` does). Counts add up, so that voxels may come slab by slab.
package struct CalibrationBins: Sendable, Equatable {
  package private(set) var counts: [Int]
  /// Sums of probabilities, and how many of them came true.
  private var probabilities: [Double]
  private var hits: [Int]

  /// 20 bins are MONAI's default.
  package init(bins: Int = 20) {
    precondition(bins > 0, "probabilities fall into bins")
    counts = [Int](repeating: 0, count: bins)
    probabilities = [Double](repeating: 0, count: bins)
    hits = counts
  }

  /// Adds voxels: the probability of a region, and whether the reference has it there (not 0).
  package mutating func add(_ predicted: [Float], _ reference: [UInt8]) {
    precondition(predicted.count == reference.count, "a probability for each voxel")
    for (probability, label) in zip(predicted, reference) {
      let bin = bin(of: probability)
      counts[bin] += 1
      probabilities[bin] += Double(probability)
      if label != 0 { hits[bin] += 1 }
    }
  }

  /// Adds voxels of one probability, `hits` of which came true.
  package mutating func add(_ probability: Float, voxels: Int, hits: Int) {
    let bin = bin(of: probability)
    counts[bin] += voxels
    probabilities[bin] += Double(probability) * Double(voxels)
    self.hits[bin] += hits
  }

  private func bin(of probability: Float) -> Int {
    // Bounds lie half a rounding step above k / bins, so that a Float nearest to one belongs below it.
    let scale = Double(counts.count) / (1 + Double(Float.ulpOfOne))
    return min(counts.count - 1, max(0, Int((Double(probability) * scale).rounded(.up)) - 1))
  }

  /// Adds another part's voxels.
  package mutating func add(_ other: CalibrationBins) {
    precondition(counts.count == other.counts.count, "equal bins")
    for bin in counts.indices {
      counts[bin] += other.counts[bin]
      probabilities[bin] += other.probabilities[bin]
      hits[bin] += other.hits[bin]
    }
  }

  /// |mean probability − share that came true| of each bin; nil where it is empty.
  package var errors: [Double?] {
    counts.indices.map { bin in
      counts[bin] == 0 ? nil : abs(probabilities[bin] - Double(hits[bin])) / Double(counts[bin])
    }
  }

  /// Expected calibration error (Guo et al. 2017): each voxel counts the same; NaN without voxels.
  package var expected: Double {
    let total = counts.reduce(0, +)
    return zip(counts, errors).reduce(0) { $0 + Double($1.0) * ($1.1 ?? 0) } / Double(total)
  }

  /// Average calibration error: each bin that is not empty counts the same; NaN without voxels.
  package var average: Double {
    let found = errors.compactMap { $0 }
    return found.reduce(0, +) / Double(found.count)
  }

  /// The largest bin's error; NaN without voxels.
  package var maximum: Double { errors.compactMap { $0 }.max() ?? .nan }
}
