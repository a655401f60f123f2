/// What one small volume of a healthy head is made of: fractions in 0...1 that add up to 1 inside the brain.
package struct TissueFractions: Sendable, Equatable {
  /// Fluid in ventricles.
  package var ventricle: Float = 0
  /// Fluid in sulci, fissures and around the brain.
  package var sulcus: Float = 0
  /// Cortex.
  package var grey: Float = 0
  package var white: Float = 0
  /// Caudate, putamen, pallidum and thalamus: between grey and white matter.
  package var deepGrey: Float = 0
  /// White-matter hyperintensities of age.
  package var hyperintensity: Float = 0
  /// Choroid plexus, which takes up contrast agent.
  package var choroid: Float = 0
  /// Veins in sulci, which carry contrast agent.
  package var vessel: Float = 0
  /// How much of the volume lies inside the skull-stripped mask.
  package var mask: Float = 0

  /// All fluid.
  package var fluid: Float { ventricle + sulcus }
}
