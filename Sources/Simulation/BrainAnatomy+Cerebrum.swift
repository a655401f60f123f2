extension BrainAnatomy {
  /// Cortex, white matter and what lies within, at `depth` mm under the hull of the hemispheres.
  func cerebralTissue(
    _ p: SIMD3<Float>, _ mirrored: SIMD3<Float>, depth: Float, sulcalDepth: Float, vein: Float,
    noise: SIMD4<Float>, voxel: Float
  ) -> TissueFractions {
    let sulcus = sulcusDistance(p, depth: depth, sulcalDepth: sulcalDepth)
    let fissure = min(fissureDistance(p), sylvianDistance(mirrored) - 0.8)
    let surface = min(depth, min(sulcus, fissure))

    // Sulci open towards the skull.
    let halfWidth = shape.sulcusWidth * (0.75 + 0.05 * max(0, 9 - depth))
    let solid = SignedDistance.step(surface - halfWidth, voxel)
    let thickness = shape.cortexThickness * (1 + 0.25 * noise.y)
    let inner = SignedDistance.step(surface - halfWidth - thickness, max(voxel, 1.4))

    var result = TissueFractions()
    result.sulcus = 1 - solid
    result.grey = solid * (1 - inner)
    result.white = solid * inner
    addVeins(&result, vein: vein, fissure: fissure, noise: noise)
    if depth > 12 {
      addDeepStructures(&result, mirrored, noise: noise, voxel: voxel)
    }
    addHyperintensities(&result, surface: surface, noise: noise)
    return result
  }

  /// Distance to the nearest sheet of the folding function, as deep as the sulcus reaches there.
  @inline(__always)
  private func sulcusDistance(_ p: SIMD3<Float>, depth: Float, sulcalDepth: Float) -> Float {
    let centred = p - SIMD3<Float>(0, -4, 6)
    let radius = max(0.4, SignedDistance.length(centred / SIMD3<Float>(66, 84, 58)))
    // Folds are read near the surface, so that a sulcus runs inwards along the radius.
    let stretch = 1 + 0.8 * (1 / radius - 1)
    let fold = shape.folds.sample(centred * stretch)
    let slope = (fold.y * fold.y + fold.z * fold.z + fold.w * fold.w).squareRoot() * stretch
    let sheet = abs(fold.x) / max(0.05, slope)
    let reach = min(24, max(9, 17 + 12 * sulcalDepth))
    let past = max(0, depth - reach)
    return (sheet * sheet + past * past).squareRoot()
  }

  /// Distance to the fissure between the hemispheres, which ends at the corpus callosum.
  @inline(__always)
  private func fissureDistance(_ p: SIMD3<Float>) -> Float {
    let inPlane = SIMD3<Float>(0, p.y, p.z)
    let bridge = SignedDistance.ellipsoid(inPlane, [0, -6, 3], [1, 43, 26])
    let past = max(0, -bridge)
    return (p.x * p.x + past * past).squareRoot()
  }

  /// Distance to the Sylvian fissure, between temporal lobe and what lies above it, down to the insula.
  @inline(__always)
  private func sylvianDistance(_ p: SIMD3<Float>) -> Float {
    let height = p.z + 5 + 0.28 * p.y
    let inward = max(0, 37 - p.x)
    let front = max(0, p.y - 30)
    let back = max(0, -34 - p.y)
    let bank = abs(height) * 0.9
    return (bank * bank + inward * inward + front * front + back * back).squareRoot()
  }

  /// Veins run in some sulci, most along the fissure.
  @inline(__always)
  private func addVeins(
    _ result: inout TissueFractions, vein: Float, fissure: Float, noise: SIMD4<Float>
  ) {
    let crowd = vein + 0.8 * noise.z + (fissure < 4 ? 0.25 : 0)
    let share = SignedDistance.step(crowd - 0.62, 0.2) * 0.85
    result.vessel = result.sulcus * share
    result.sulcus -= result.vessel
  }

  /// Small bright spots in deep white matter.
  @inline(__always)
  private func addHyperintensities(
    _ result: inout TissueFractions, surface: Float, noise: SIMD4<Float>
  ) {
    let share =
      SignedDistance.step(noise.x - shape.lesionCutoff * 0.62, 0.25)
      * SignedDistance.step(surface - 7, 3)
    let taken = result.white * share
    result.hyperintensity += taken
    result.white -= taken
  }
}
