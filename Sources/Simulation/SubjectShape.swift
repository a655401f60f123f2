import Foundations

/// What makes one head differ from the next, drawn once per subject from its stream.
struct SubjectShape: Sendable {
  /// Model mm per head mm along right, anterior and superior.
  let scale: SIMD3<Float>
  /// Width of ventricles and sulci, 1 in a middle-aged head.
  let ventricleWidth: Float
  let sulcusWidth: Float
  /// Thickness of the cortex in mm.
  let cortexThickness: Float
  /// How far hyperintensities reach from the horns of the ventricles, in mm, and the cut-off for those in deep white matter.
  let capReach: Float
  let lesionCutoff: Float
  /// Displacement (x, y, z) and depth of sulci.
  let coarse: NoiseField
  /// Displacement on a finer scale (x, y, z) and veins.
  let middle: NoiseField
  /// Hyperintensities, thickness, and two textures.
  let fine: NoiseField
  /// The folding function.
  let folds: NoiseField

  init(stream: inout RandomStream) {
    func near(_ value: Double, _ spread: Double) -> Float {
      Float(value + spread * stream.uniform(-1...1))
    }
    let size = near(1, 0.05)
    scale = SIMD3(size * near(1, 0.03), size * near(1, 0.03), size * near(1, 0.03))
    let age = stream.uniform()
    ventricleWidth = Float(0.75 + 0.55 * age + 0.15 * stream.normal())
    sulcusWidth = Float(0.5 + 0.6 * age) + near(0, 0.1)
    cortexThickness = near(2.9, 0.3)
    let load = min(1, max(0, 0.65 * age + 0.5 * stream.uniform()))
    capReach = Float(3 + 7 * load)
    lesionCutoff = Float(1.75 - 0.75 * load)
    coarse = NoiseField(period: 8, spacing: 34, stream: &stream)
    middle = NoiseField(period: 20, spacing: 13, stream: &stream)
    fine = NoiseField(period: 36, spacing: 4.5, stream: &stream)
    folds = NoiseField.folds(wavelength: stream.uniform(19...23), stream: &stream)
  }
}
