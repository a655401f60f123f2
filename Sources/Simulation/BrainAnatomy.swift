import Foundations

/// One subject's brain as a continuous function of position: what tissue lies where.
///
/// Positions are in mm, x to the right, y anterior, z superior, 0 near the middle of the brain. The
/// brain is laid out as a textbook head (hemispheres with a folded cortex, ventricles, deep nuclei,
/// cerebellum, brainstem) and bent by the subject's smooth random displacement.
package struct BrainAnatomy: Sendable {
  let shape: SubjectShape

  /// Half the box in mm that holds every brain, whatever its displacement.
  package static let halfExtent = SIMD3<Float>(80, 100, 84)

  init(shape: SubjectShape) {
    self.shape = shape
  }

  /// The brain of subject `sample` of a site.
  package init(seed: UInt64, site: String, sample: Int) {
    var stream = RandomStream(seed: seed, purpose: .anatomy, site: site, sample: sample)
    self.init(shape: SubjectShape(stream: &stream))
  }

  /// Tissue at a position in mm; surfaces are softened over `voxel` mm.
  package func tissue(at position: SIMD3<Float>, voxel: Float) -> TissueFractions {
    let outer = position / SIMD3<Float>(76, 97, 82)
    if outer.x * outer.x + outer.y * outer.y + outer.z * outer.z > 1.25 { return TissueFractions() }
    let coarse = shape.coarse.sample(position)
    let middle = shape.middle.sample(position)
    var p = position * shape.scale
    p += SIMD3(coarse.x, coarse.y, coarse.z) * 6
    p += SIMD3(middle.x, middle.y, middle.z) * 2.6
    let mirrored = SIMD3(abs(p.x), p.y, p.z)

    let hull = cerebrumHull(mirrored)
    let cerebellum = SignedDistance.ellipsoid(mirrored, [21, -50, -38], [31, 29, 22])
    let stem = stemDistance(mirrored)
    let tissueSurface = min(hull, min(cerebellum, stem))
    let union = SignedDistance.smoothMinimum(
      hull, SignedDistance.smoothMinimum(cerebellum, stem, 10), 12)
    let mask = SignedDistance.step(0.8 - min(union, tissueSurface), voxel)
    if mask == 0 { return TissueFractions() }

    let fine = shape.fine.sample(position)
    var result = TissueFractions()
    if cerebellum < min(hull, stem) {
      result = cerebellarTissue(mirrored, depth: -cerebellum, noise: fine, voxel: voxel)
    } else if stem < hull {
      let solid = SignedDistance.step(-stem - 0.6, voxel)
      result.white = solid * 0.75
      result.deepGrey = solid * 0.25
      result.sulcus = 1 - solid
    } else {
      result = cerebralTissue(
        p, mirrored, depth: -hull, sulcalDepth: coarse.w, vein: middle.w, noise: fine, voxel: voxel)
    }
    // The stem grows out of the hemispheres without a gap.
    if stem < 0 && hull < 3 && stem < cerebellum { blendStem(&result, stem: stem) }
    result.mask = mask
    return result
  }

  private func blendStem(_ result: inout TissueFractions, stem: Float) {
    let inside = SignedDistance.step(-stem - 1.5, 3)
    let fluid = result.sulcus * inside
    let cortex = result.grey * inside
    result.sulcus -= fluid
    result.grey -= cortex
    result.white += (fluid + cortex) * 0.8
    result.deepGrey += (fluid + cortex) * 0.2
  }

  /// Both hemispheres with temporal lobes, without their folds.
  @inline(__always)
  private func cerebrumHull(_ p: SIMD3<Float>) -> Float {
    let body = SignedDistance.ellipsoid(p, [0, -2, 13], [66, 84, 55])
    // The base rises to the back, where the cerebellum lies under it.
    let floor = -p.z - 15 + 0.10 * max(0, p.y) + max(0, -p.y - 20) * 0.12
    let upper = SignedDistance.smoothMaximum(body, floor, 16)
    let temporal = SignedDistance.ellipsoid(p, [43, 5, -20], [21, 42, 18])
    return SignedDistance.smoothMinimum(upper, temporal, 9)
  }

  @inline(__always)
  private func stemDistance(_ p: SIMD3<Float>) -> Float {
    // The pons bulges forward between midbrain and medulla.
    let shaft = SignedDistance.rod(p, [0, -16, -10], [0, -32, -64], 13, 8.5)
    let pons = SignedDistance.ellipsoid(p, [0, -18, -34], [16, 13, 14])
    return SignedDistance.smoothMinimum(shaft, pons, 6)
  }

  /// Thin leaves of cortex, nearly horizontal, around a branching white core.
  private func cerebellarTissue(
    _ p: SIMD3<Float>, depth: Float, noise: SIMD4<Float>, voxel: Float
  ) -> TissueFractions {
    let period: Float = 6.5
    let height = p.z + 0.35 * p.y + 0.004 * (p.y + 30) * (p.z + 36) + 2.2 * noise.y
    let cycles = height / period + 64
    let leaf = abs(cycles - cycles.rounded(.toNearestOrEven)) * period
    let past = max(0, depth - 13)
    let pial = min(depth, (leaf * leaf + past * past).squareRoot())
    let midline = (p.x * p.x + max(0, 4 - depth) * 0).squareRoot() + max(0, depth - 7)
    let surface = min(pial, midline)
    var result = TissueFractions()
    let solid = SignedDistance.step(surface - 0.35, voxel)
    let white = SignedDistance.step(surface - 2.1, max(voxel, 1.2))
    let fourth = SignedDistance.step(
      -SignedDistance.ellipsoid(p, [0, -36, -37], [7, 5, 10]) * shape.ventricleWidth, voxel)
    result.sulcus = (1 - solid) * (1 - fourth)
    result.white = solid * white * (1 - fourth)
    result.grey = solid * (1 - white) * (1 - fourth)
    result.ventricle = fourth
    return result
  }
}
