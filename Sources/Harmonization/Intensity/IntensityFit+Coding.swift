extension IntensityFit {
  enum CodingKeys: CodingKey { case method, limits, landmarks, scale, centre, spread }

  /// Throws `DecodingError` for a file that no fit was written to.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    method = try fields.decode(IntensityMethod.self, forKey: .method)
    limits = try fields.decodeIfPresent(ClosedRange<Float>.self, forKey: .limits)
    landmarks = try fields.decodeIfPresent(IntensityLandmarks.self, forKey: .landmarks)
    scale = try fields.decodeIfPresent(IntensityScale.self, forKey: .scale)
    centre = try fields.decode(Double.self, forKey: .centre)
    spread = try fields.decode(Double.self, forKey: .spread)
    guard centre.isFinite, spread.isFinite, spread > 0 else {
      throw decoder.corrupted(
        "centre \(centre) and spread \(spread), expected finite numbers and a spread above 0")
    }
    guard (landmarks != nil) == (method == .atlas), (scale != nil) == (method == .atlas) else {
      throw decoder.corrupted(
        "method \(method.rawValue) with or without landmarks and scale, which go with atlas alone")
    }
  }
}
