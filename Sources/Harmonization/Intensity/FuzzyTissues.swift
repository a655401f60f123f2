import Foundations

/// Three tissue classes of a T1 scan by fuzzy c-means (Bezdek 1981: fuzziness 2, at most 50 iterations, tolerance 0.005)
/// on the brain's histogram: by intensity fluid, grey and white matter.
///
/// The start is the mean and a deviation on either side, not random: a scan always gives the same classes.
package struct FuzzyTissues: Codable, Equatable, Sendable {
  private static let iterations = 50
  private static let tolerance = 0.005

  /// What voxels are cut at before, in the scan's intensities; nil for nothing.
  package let limits: ClosedRange<Float>?
  /// The classes' centres in the scan's intensities, ascending.
  package let centres: SIMD3<Double>

  /// - Parameters:
  ///   - t1: a scan's voxels, i fastest.
  ///   - mask: 0 outside the brain.
  ///   - clip: percentiles of the brain that its voxels are cut at before; nil for none.
  ///   - contrast: the scan's contrast, for errors.
  ///
  /// Throws `HarmonizationError.noBrain` for an empty mask, `.flatContrast` where all its voxels are equal.
  package init(
    t1: [Float], mask: [UInt8], clip: ClosedRange<Double>?, contrast: String, loop: ParallelLoop
  ) throws {
    let brain = SortedValues(t1, mask: mask, loop: loop)
    guard brain.count > 0 else { throw HarmonizationError.noBrain }
    let clipped = clip.map { brain.clipped(to: $0) }
    let values = (clipped?.values ?? brain).values[...]
    guard values.first != values.last else {
      throw HarmonizationError.flatContrast(contrast: contrast, voxels: brain.count)
    }
    limits = clipped?.limits
    let moments = Moments(values, loop: loop)
    let start = SIMD3(-1, 0, 1) * moments.deviation + moments.mean
    centres = Self.clustered(FineHistogram(values), start: start)
  }

  /// How much of each voxel is white matter, 0 to 1: its membership in the brightest class, 0 outside the mask.
  package func whiteMatter(t1: [Float], mask: [UInt8], loop: ParallelLoop) -> [Float] {
    precondition(t1.count == mask.count, "a mask has as many voxels as its scan")
    let pieces = Pieces(of: t1.count)
    return [Float](unsafeUninitializedCapacity: t1.count) { output, initialized in
      t1.withUnsafeBufferPointer { t1 in
        mask.withUnsafeBufferPointer { mask in
          loop.forEach(pieces.count) { piece, _ in
            for index in pieces[piece] {
              let value = Double(t1[index].clamped(to: limits))
              let share = mask[index] == 0 ? 0 : Self.memberships(of: value, centres).z
              output.initializeElement(at: index, to: Float(share))
            }
          }
        }
      }
      initialized = t1.count
    }
  }

  private static func clustered(_ histogram: FineHistogram, start: SIMD3<Double>) -> SIMD3<Double> {
    var centres = start
    var memberships = histogram.values.map { Self.memberships(of: $0, centres) }
    for _ in 1..<iterations {
      var (weights, sums) = (SIMD3<Double>.zero, SIMD3<Double>.zero)
      for (node, count) in histogram.counts.enumerated() {
        let weight = count * memberships[node] * memberships[node]
        weights += weight
        sums += weight * histogram.values[node]
      }
      centres = sums / weights
      var change = 0.0
      for (node, count) in histogram.counts.enumerated() {
        let membership = Self.memberships(of: histogram.values[node], centres)
        let difference = membership - memberships[node]
        change += count * (difference * difference).sum()
        memberships[node] = membership
      }
      if change.squareRoot() < tolerance { break }
    }
    return centres
  }

  /// In inverse proportion to the squared distances; a value at a centre belongs to it alone.
  private static func memberships(of value: Double, _ centres: SIMD3<Double>) -> SIMD3<Double> {
    let offset = centres - value
    let distance = pointwiseMax(offset * offset, SIMD3(repeating: .leastNormalMagnitude))
    let closeness = distance.min() / distance
    return closeness / closeness.sum()
  }
}
