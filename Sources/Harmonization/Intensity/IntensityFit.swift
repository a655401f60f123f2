import Foundations

/// How a scan's intensities are brought to a common scale.
package enum IntensityMethod: String, Codable, CaseIterable, Sendable {
  /// Left as they are.
  case none
  /// Mean 0 and deviation 1 over the brain.
  case zScore = "z-score"
  /// The brain's least value to 0, its largest to 1.
  case minMax = "min-max"
  /// Nyúl and Udupa's landmarks to the atlas' scale, whose median becomes 0 and whose spread about 1.
  case atlas
  /// Mean 0 and deviation 1 over normal-appearing white matter, the peak of the histogram (Shinohara et al. 2014).
  case whiteStripe = "white-stripe"
  /// White matter's mean to 1, white matter by fuzzy c-means on the case's T1.
  case fuzzyCMeans = "fuzzy-c-means"
}

/// What a scan's intensities were fitted to: small enough to keep, and to be used again on the scan or another.
///
/// A brain voxel x becomes `(m(x) − centre) / spread`: x is first cut at `limits`; m takes `landmarks` to `scale`, and
/// changes nothing where there are none.
package struct IntensityFit: Codable, Equatable, Sendable {
  package let method: IntensityMethod
  /// What voxels are cut at, in the scan's intensities; nil for nothing.
  package let limits: ClosedRange<Float>?
  /// Of the scan's histogram, for `.atlas` alone; in its intensities.
  package let landmarks: IntensityLandmarks?
  /// Where the landmarks go, for `.atlas` alone.
  package let scale: IntensityScale?
  /// What becomes 0; of `.whiteStripe` the stripe's mean.
  package let centre: Double
  /// What becomes a difference of 1, above 0; of `.fuzzyCMeans` white matter's mean.
  package let spread: Double

  /// Fits one scan.
  ///
  /// - Parameters:
  ///   - clip: percentiles of the brain that its voxels are cut at before; nil for none.
  ///   - voxels: the scan, i fastest, finite.
  ///   - mask: 0 outside the brain.
  ///   - contrast: its name, which tells `.whiteStripe` whether white matter is the last peak (`ContrastName.isT1`) or
  ///     the largest.
  ///   - scale: the atlas' scale of the contrast, for `.atlas` alone.
  ///   - whiteMatter: how much of each voxel is white matter (`FuzzyTissues.whiteMatter`, from the case's T1), for
  ///     `.fuzzyCMeans` alone.
  ///
  /// Throws `HarmonizationError`: an empty mask, a scan without contrast, what the method needs and does not have.
  package init(
    method: IntensityMethod, clip: ClosedRange<Double>?, voxels: [Float], mask: [UInt8], contrast: String,
    scale: IntensityScale? = nil, whiteMatter: [Float]? = nil, loop: ParallelLoop
  ) throws {
    let brain = voxels.inside(mask, loop: loop)
    guard !brain.isEmpty else { throw HarmonizationError.noBrain }
    let clipped = clip.map { SortedValues(brain, loop: loop).clipped(to: $0) }
    let values = clipped?.values.values ?? brain
    lazy var sorted = clipped?.values ?? SortedValues(brain, loop: loop)
    let range = ValueRange(values, loop: loop)
    let flat = HarmonizationError.flatContrast(contrast: contrast, voxels: brain.count)
    guard method == .none || range.least < range.largest else { throw flat }
    var landmarks: IntensityLandmarks?
    switch method {
    case .none: (centre, spread) = (0, 1)
    case .zScore:
      let moments = Moments(values[...], loop: loop)
      (centre, spread) = (moments.mean, moments.deviation)
    case .minMax: (centre, spread) = (Double(range.least), Double(range.largest) - Double(range.least))
    case .atlas:
      guard let scale, scale.spread > 0 else { throw HarmonizationError.noScale(contrast: contrast) }
      landmarks = try IntensityLandmarks(sorted)
      (centre, spread) = (scale.median, scale.spread)
    case .whiteStripe:
      let lastPeak = ContrastName.isT1(contrast)
      guard let stripe = WhiteStripe(sorted, lastPeak: lastPeak, loop: loop) else { throw flat }
      (centre, spread) = (stripe.mean, stripe.deviation)
    case .fuzzyCMeans:
      guard let whiteMatter else { throw HarmonizationError.noTissueReference(contrast: contrast) }
      let mean = Self.mean(voxels, weights: whiteMatter, limits: clipped?.limits, loop: loop)
      guard mean > 0 else { throw HarmonizationError.darkWhiteMatter(contrast: contrast) }
      (centre, spread) = (0, mean)
    }
    self.method = method
    limits = clipped?.limits
    self.landmarks = landmarks
    self.scale = method == .atlas ? scale : nil
  }

  private static func mean(
    _ voxels: [Float], weights: [Float], limits: ClosedRange<Float>?, loop: ParallelLoop
  ) -> Double {
    precondition(voxels.count == weights.count, "there is a weight for every voxel")
    let pieces = Pieces(of: voxels.count)
    return voxels.withUnsafeBufferPointer { voxels in
      weights.withUnsafeBufferPointer { weights in
        let total = pieces.sum(loop) { piece in piece.reduce(0) { $0 + Double(weights[$1]) } }
        let sum = pieces.sum(loop) { piece in
          piece.reduce(0) { $0 + Double(weights[$1]) * Double(voxels[$1].clamped(to: limits)) }
        }
        return sum / total
      }
    }
  }
}

extension Float {
  /// Cut at a range's ends, where there is one.
  @inline(__always)
  func clamped(to limits: ClosedRange<Float>?) -> Float {
    guard let limits else { return self }
    return Swift.min(Swift.max(self, limits.lowerBound), limits.upperBound)
  }
}
