import Foundations

/// How much of a small volume is tumour: as tissue (which sets the signal) and as label (what a rater draws).
package struct TumourFractions: Sendable, Equatable {
  package var core: Float = 0
  /// Share of fluid in the core; part of `core`.
  package var cyst: Float = 0
  package var rim: Float = 0
  /// Share of watery tissue in the edema, less than its label near the border.
  package var edema: Float = 0
  package var edemaLabel: Float = 0
}

/// A tumour grown in one brain: arrival times of two fronts, read back as smooth surfaces.
///
/// The core's front starts in white matter and is slowed by cortex and stopped by ventricles; the edema's front
/// starts at the core, runs along white matter, hardly enters cortex and never fluid.
struct Tumour: Sendable {
  let specification: TumourSpecification
  let push: MassEffect
  /// Brain on 2 mm nodes after the push.
  let map: CoarseMap
  /// At each node: depth in the core and in core and edema together, both in the fronts' units (near mm), positive inside.
  private let depths: [SIMD4<Float>]
  private let texture: NoiseField

  init(
    specification: TumourSpecification, anatomy: BrainAnatomy, map healthy: CoarseMap,
    stream: inout RandomStream, loop: ParallelLoop
  ) {
    self.specification = specification
    texture = NoiseField(period: 32, spacing: 4, stream: &stream)
    let speedNoise = NoiseField(period: 16, spacing: 9, stream: &stream)
    // A ball of the core's volume has this radius in mm.
    let radius = Float(PortableMath.pow(specification.coreVolume * 1000 * 0.2387, 1.0 / 3))
    let centre = healthy.position(Tumour.chooseCentre(healthy, radius: radius, stream: &stream))
    push = MassEffect(centre: centre, radius: 1.5 * radius + 4, strength: specification.massEffect)
    map = healthy.pushed(by: push, loop: loop)
    depths = Tumour.grow(
      specification, centre: centre, radius: radius, map: map, noise: speedNoise, stream: &stream)
  }

  /// The tumour of subject `sample` of a site.
  init(
    mix: TumourMix, anatomy: BrainAnatomy, seed: UInt64, site: String, sample: Int, loop: ParallelLoop
  ) {
    var stream = RandomStream(seed: seed, purpose: .tumour, site: site, sample: sample)
    let specification = TumourSpecification(mix: mix, stream: &stream)
    self.init(
      specification: specification, anatomy: anatomy, map: CoarseMap(anatomy, loop: loop),
      stream: &stream, loop: loop)
  }

  /// Fractions at a position in mm, given the healthy tissue there (after the push).
  func fractions(
    at position: SIMD3<Float>, healthy: TissueFractions, voxel: Float,
    depths: UnsafeBufferPointer<SIMD4<Float>>
  ) -> TumourFractions {
    let depth = map.interpolate(depths, at: position)
    if depth.y < -4 { return TumourFractions() }
    let noise = texture.sample(position)
    let ventricle = healthy.ventricle + healthy.choroid
    var result = TumourFractions()
    let coreDepth = depth.x + 1.6 * noise.x
    let inCore = SignedDistance.step(coreDepth, max(voxel, 1.2)) * (1 - ventricle)
    if specification.isEnhancing {
      let thickness = max(1.3, specification.rimThickness * (1 + 0.9 * noise.y))
      let centre = SignedDistance.step(coreDepth - thickness, max(voxel, 1.5))
      result.core = inCore * centre
      result.rim = inCore * (1 - centre)
    } else {
      result.core = inCore
    }
    // Cysts lie away from the core's wall.
    if result.core > 0 {
      let chambers = texture.sample(position * 0.45)
      let wet = specification.cyst + 0.6 * chambers.w - max(0, 3 - coreDepth) * 0.25
      result.cyst = result.core * SignedDistance.step(wet - 0.35, 0.7)
    }
    let wholeDepth = max(depth.y, depth.x + 1) + 1.4 * noise.z
    let inside = SignedDistance.step(wholeDepth, max(voxel, 1.5))
    result.edemaLabel = max(0, inside * (1 - healthy.fluid - healthy.choroid) - inCore)
    // Water thins out over several mm, in patches.
    let inwards = min(1, max(0, wholeDepth / 10))
    let water = specification.infiltration + (1 - specification.infiltration) * inwards
    result.edema = result.edemaLabel * min(1, max(0.15, water + 0.5 * noise.w))
    return result
  }

  /// The nodes' depths, for `fractions`.
  func withDepths<Result>(_ body: (UnsafeBufferPointer<SIMD4<Float>>) -> Result) -> Result {
    depths.withUnsafeBufferPointer(body)
  }
}
