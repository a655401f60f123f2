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

extension IntensityLandmarks: Codable {
  /// Throws `DecodingError` unless there are as many as `percents`, ascending, the last above the first.
  package init(from decoder: any Decoder) throws {
    values = try decoder.landmarks()
    guard values[0] < values[values.count - 1] else {
      throw decoder.corrupted("landmarks that are all equal")
    }
  }

  package func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }
}

/// A contrast's standard scale: where each landmark belongs.
package struct IntensityScale: Sendable, Equatable {
  /// One for each of `IntensityLandmarks.percents`, ascending.
  package let landmarks: [Double]

  package init(landmarks: [Double]) {
    precondition(
      landmarks.count == IntensityLandmarks.percents.count, "a scale has a place for every landmark")
    self.landmarks = landmarks
  }

  /// A scale that came from elsewhere. Throws `HarmonizationError.notAScale`.
  package init(checking landmarks: [Double], contrast: String) throws {
    guard landmarks.areLandmarks, landmarks[0] < landmarks[landmarks.count - 1] else {
      throw HarmonizationError.notAScale(contrast: contrast, found: landmarks.count)
    }
    self.init(landmarks: landmarks)
  }

  /// Where the median of a scan belongs.
  var median: Double { landmarks[5] }

  /// The deviation of normal values with the same 10th and 90th percentile.
  var spread: Double { (landmarks[9] - landmarks[1]) / 2.563 }
}

extension IntensityScale: Codable {
  enum CodingKeys: CodingKey { case landmarks }

  /// Throws `DecodingError` unless there is a place for every landmark, ascending.
  package init(from decoder: any Decoder) throws {
    landmarks = try decoder.container(keyedBy: CodingKeys.self).superDecoder(forKey: .landmarks).landmarks()
  }
}

extension [Double] {
  /// Finite, ascending, and one for each of `IntensityLandmarks.percents`.
  fileprivate var areLandmarks: Bool {
    count == IntensityLandmarks.percents.count && allSatisfy(\.isFinite) && self == sorted()
  }
}

extension Decoder {
  /// Eleven ascending numbers.
  fileprivate func landmarks() throws -> [Double] {
    let values = try [Double](from: self)
    guard values.areLandmarks else {
      throw corrupted("\(values.count) landmarks, or some that do not ascend")
    }
    return values
  }

  /// What is wrong with a value.
  func corrupted(_ found: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: codingPath, debugDescription: "found " + found))
  }
}
