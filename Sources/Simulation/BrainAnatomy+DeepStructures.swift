extension BrainAnatomy {
  /// Ventricles with choroid plexus and caps, and the deep grey nuclei, drawn over what is there.
  func addDeepStructures(
    _ result: inout TissueFractions, _ p: SIMD3<Float>, noise: SIMD4<Float>, voxel: Float
  ) {
    if p.x > 44 || p.y > 50 || p.y < -72 || p.z > 36 || p.z < -34 { return }
    let nuclei = SignedDistance.step(-nucleusDistance(p) + noise.z, max(voxel, 1.6))
    move(nuclei, of: &result, to: \.deepGrey)

    let ventricle = ventricleDistance(p) - 0.6 * noise.y
    // Caps sit on the horns, thin bands along the body, both ragged.
    let horn = max(
      SignedDistance.step(p.y - 24, 16), SignedDistance.step(-p.y - 30, 16))
    let reach = shape.capReach * (0.35 + 0.65 * horn) * (1 + 0.9 * noise.x)
    let cap = SignedDistance.step(reach - ventricle, 3)
    let taken = result.white * cap * 0.9
    result.hyperintensity += taken
    result.white -= taken

    let fluid = SignedDistance.step(-ventricle, voxel)
    move(fluid, of: &result, to: \.ventricle)
    let plexus = SignedDistance.step(
      -SignedDistance.smoothMinimum(
        SignedDistance.rod(p, [20, -37, 9], [15, -22, 13], 4.2, 2),
        SignedDistance.rod(p, [15, -22, 13], [9, -4, 13], 2, 1.2), 2) + 1.3 * noise.w, voxel)
    let choroid = result.ventricle * plexus
    result.choroid += choroid
    result.ventricle -= choroid
  }

  /// Gives a share of everything that is there to one tissue.
  @inline(__always)
  private func move(
    _ share: Float, of result: inout TissueFractions, to tissue: WritableKeyPath<TissueFractions, Float>
  ) {
    if share == 0 { return }
    let keep = 1 - share
    result.ventricle *= keep
    result.sulcus *= keep
    result.grey *= keep
    result.white *= keep
    result.deepGrey *= keep
    result.hyperintensity *= keep
    result.choroid *= keep
    result.vessel *= keep
    result[keyPath: tissue] += share
  }

  /// Caudate, putamen, pallidum and thalamus of one side.
  @inline(__always)
  private func nucleusDistance(_ p: SIMD3<Float>) -> Float {
    let caudate = min(
      SignedDistance.rod(p, [14, 25, 4], [16, 6, 14], 6, 4.4),
      SignedDistance.rod(p, [16, 6, 14], [20, -18, 16], 4.4, 2.2))
    // The putamen is a shell, thin from side to side and slanted outwards to the back.
    let slant = SIMD3(p.x + 0.22 * (p.y - 4), p.y, p.z)
    let putamen = SignedDistance.ellipsoid(slant, [27, 4, 2], [5.2, 17, 10])
    let pallidum = SignedDistance.ellipsoid(slant, [19.5, 1, 0], [3.8, 10, 6.5])
    let thalamus = SignedDistance.ellipsoid(p, [11.5, -16, 5], [8.5, 14, 9])
    return min(min(caudate, putamen), min(pallidum, thalamus))
  }

  /// Lateral ventricle of one side (front horn, body, atrium, back and lower horn) and the third ventricle.
  @inline(__always)
  private func ventricleDistance(_ p: SIMD3<Float>) -> Float {
    let w = shape.ventricleWidth
    let front = SignedDistance.rod(p, [11, 32, 5], [7.5, 14, 13], 3.6 * w, 4.6 * w)
    let body = SignedDistance.rod(p, [7.5, 14, 13], [11, -14, 17], 4.6 * w, 4.2 * w)
    let atrium = SignedDistance.rod(p, [11, -14, 17], [21, -36, 9], 4.2 * w, 6.8 * w)
    let back = SignedDistance.rod(p, [21, -36, 9], [19, -58, 4], 6.4 * w, 1.8 * w)
    let lower = min(
      SignedDistance.rod(p, [21, -36, 9], [33, -22, -12], 4.5 * w, 2.6 * w),
      SignedDistance.rod(p, [33, -22, -12], [32, 2, -20], 2.6 * w, 1.8 * w))
    let lateral = SignedDistance.smoothMinimum(
      SignedDistance.smoothMinimum(front, body, 3),
      SignedDistance.smoothMinimum(atrium, SignedDistance.smoothMinimum(back, lower, 3), 3), 3)
    let third = SignedDistance.ellipsoid(p, [0, -8, -3], [1.2 + 1.2 * w, 14, 10])
    return min(lateral, third)
  }
}
