import Harmonization

/// How a person asks for harmonisation: what is left out is `HarmonizationSettings.standard`'s.
package struct HarmonizationChoice: Sendable, Equatable, Codable {
  package var interpolation: HarmonizationSettings.Interpolation?
  package var mask: BrainMaskKind?
  package var biasField: HarmonizationSettings.BiasCorrection?
  package var clip: [Double]?
  package var intensity: IntensityMethod?
  /// An atlas that is there already; left out, the sites agree on one where `intensity` is `atlas`.
  package var atlas: IntensityAtlas?

  typealias CodingKeys = HarmonizationSettings.CodingKeys

  package init() {}

  package var resolved: HarmonizationSettings {
    let standard = HarmonizationSettings.standard
    return HarmonizationSettings(
      interpolation: interpolation ?? standard.interpolation, mask: mask ?? standard.mask,
      biasField: biasField ?? standard.biasField, clip: clip ?? standard.clip,
      intensity: intensity ?? standard.intensity, atlas: atlas)
  }

  /// This, with what `other` says put in its place.
  package func overridden(by other: HarmonizationChoice) -> HarmonizationChoice {
    var result = self
    result.interpolation = other.interpolation ?? interpolation
    result.mask = other.mask ?? mask
    result.biasField = other.biasField ?? biasField
    result.clip = other.clip ?? clip
    result.intensity = other.intensity ?? intensity
    result.atlas = other.atlas ?? atlas
    return result
  }
}
