/// What one small volume of a healthy head is made of: fractions in 0...1 that add up to 1 inside the brain.
struct TissueFractions: Sendable, Equatable {
  /// Fluid in ventricles.
  var ventricle: Float = 0
  /// Fluid in sulci, fissures and around the brain.
  var sulcus: Float = 0
  /// Cortex.
  var grey: Float = 0
  var white: Float = 0
  /// Caudate, putamen, pallidum and thalamus: between grey and white matter.
  var deepGrey: Float = 0
  /// White-matter hyperintensities of age.
  var hyperintensity: Float = 0
  /// Choroid plexus, which takes up contrast agent.
  var choroid: Float = 0
  /// Veins in sulci, which carry contrast agent.
  var vessel: Float = 0
  /// How much of the volume lies inside the skull-stripped mask.
  var mask: Float = 0

  /// All fluid.
  var fluid: Float { ventricle + sulcus }
}
