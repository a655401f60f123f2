/// Landmarks of one scan's histogram: percentiles 1, 10, 20 … 90, 99 inside the brain (Nyúl & Udupa 1999, with the
/// eleven of `intensity-normalization` and TorchIO).
package struct IntensityLandmarks: Sendable, Equatable {
  package static let percents: [Double] = [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99]

  /// In the scan's own intensities, ascending.
  package let values: [Double]

  /// Throws `HarmonizationError.noBrain` for no values, `.flatHistogram` where the first and the last landmark are equal.
  package init(_ brain: SortedValues) throws {
    guard brain.count > 0 else { throw HarmonizationError.noBrain }
    values = Self.percents.map(brain.percentile)
    guard values[0] < values[Self.percents.count - 1] else {
      throw HarmonizationError.flatHistogram(voxels: brain.count)
    }
  }

  /// The landmarks stretched so that the first is 1 and the last 100: what a standard scale is the mean of.
  package var standardised: [Double] {
    let (first, last) = (values[0], values[values.count - 1])
    return values.map { 1 + ($0 - first) * 99 / (last - first) }
  }

  /// The mapping of this scan's intensities to a scale.
  package func mapping(to scale: IntensityScale) -> IntensityMapping {
    IntensityMapping(from: values, to: scale.landmarks)
  }
}

/// A contrast's standard scale: where each landmark belongs.
package struct IntensityScale: Sendable, Equatable, Codable {
  /// One for each of `IntensityLandmarks.percents`, ascending.
  package let landmarks: [Double]

  package init(landmarks: [Double]) {
    precondition(
      landmarks.count == IntensityLandmarks.percents.count, "a scale has a place for every landmark")
    self.landmarks = landmarks
  }
}

/// A piecewise linear function of intensities; the first and the last piece go on beyond their ends.
package struct IntensityMapping: Sendable, Equatable {
  /// Ends of the pieces; of equal neighbours only the first is kept.
  private let from: [Double]
  private let to: [Double]
  private let slopes: [Double]

  init(from: [Double], to: [Double]) {
    let kept = from.indices.filter { $0 == 0 || from[$0] > from[$0 - 1] }
    self.from = kept.map { from[$0] }
    self.to = kept.map { to[$0] }
    slopes = zip(kept, kept.dropFirst()).map { (to[$1] - to[$0]) / (from[$1] - from[$0]) }
  }

  package func callAsFunction(_ value: Float) -> Float {
    let x = Double(value)
    var piece = 0
    while piece < slopes.count - 1 && x > from[piece + 1] { piece += 1 }
    return Float(to[piece] + (x - from[piece]) * slopes[piece])
  }
}
