/// How scans are brought to a common form before training; spacing and contrasts are the plan's own fields.
package struct HarmonizationSettings: Sendable, Equatable, Codable {
  /// How scans are resampled; labels always go by shares, as nnU-Net's.
  package enum Interpolation: String, Sendable, Codable, CaseIterable { case cubic, linear, nearest }

  package enum BiasCorrection: String, Sendable, Codable, CaseIterable { case none, n4 }

  package var interpolation: Interpolation
  /// What counts as brain: where intensities are fitted and what the crop keeps.
  package var mask: BrainMaskKind
  package var biasField: BiasCorrection
  /// Percentiles inside the brain that intensities are clipped to, such as `[0.5, 99.5]`; nil clips nothing.
  package var clip: [Double]?
  package var intensity: IntensityMethod
  /// The scales that `intensity: atlas` maps to; nil until the sites have agreed on them.
  package var atlas: IntensityAtlas?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case interpolation, mask
    case biasField = "bias_field"
    case clip, intensity, atlas
  }

  package init(
    interpolation: Interpolation = .cubic, mask: BrainMaskKind = .zeros, biasField: BiasCorrection = .none,
    clip: [Double]? = nil, intensity: IntensityMethod = .zScore, atlas: IntensityAtlas? = nil
  ) {
    self.interpolation = interpolation
    self.mask = mask
    self.biasField = biasField
    self.clip = clip
    self.intensity = intensity
    self.atlas = atlas
  }

  /// nnU-Net's: cubic, the nonzero mask, z-score inside it.
  package static let standard = HarmonizationSettings()

  var clipRange: ClosedRange<Double>? { clip.map { $0[0]...$0[1] } }

  /// Whether the sites must agree on an atlas before a scan can be harmonised.
  package var needsAtlas: Bool { intensity == .atlas && atlas == nil }

  /// The settings in a line, for people.
  package var summary: String {
    var parts = ["\(interpolation.rawValue) resampling", "mask \(mask.rawValue)"]
    if biasField == .n4 { parts.append("N4 bias correction") }
    if let clip { parts.append("clipped to percentiles \(clip[0]) and \(clip[1])") }
    parts.append("intensity \(intensity.rawValue)")
    return parts.joined(separator: ", ")
  }
}
