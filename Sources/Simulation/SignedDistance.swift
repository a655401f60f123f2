/// Signed distances in mm to simple shapes (negative inside) and soft steps, the words of the anatomy.
///
/// Polynomials and square roots only. After I. Quilez, "distance functions".
enum SignedDistance {
  @inline(__always)
  static func length(_ v: SIMD3<Float>) -> Float {
    (v.x * v.x + v.y * v.y + v.z * v.z).squareRoot()
  }

  /// To an ellipsoid with the given half axes; exact on the surface and close to it, a bound elsewhere.
  @inline(__always)
  static func ellipsoid(_ p: SIMD3<Float>, _ centre: SIMD3<Float>, _ axes: SIMD3<Float>) -> Float {
    let scaled = (p - centre) / axes
    let radius = length(scaled)
    return radius * (radius - 1) / max(1e-4, length(scaled / axes))
  }

  /// To a rod from `a` to `b` whose radius goes from `radiusA` to `radiusB`.
  @inline(__always)
  static func rod(
    _ p: SIMD3<Float>, _ a: SIMD3<Float>, _ b: SIMD3<Float>, _ radiusA: Float, _ radiusB: Float
  ) -> Float {
    let along = b - a
    let offset = p - a
    let dot = offset.x * along.x + offset.y * along.y + offset.z * along.z
    let square = along.x * along.x + along.y * along.y + along.z * along.z
    let t = min(1, max(0, dot / square))
    return length(offset - along * t) - (radiusA + (radiusB - radiusA) * t)
  }

  /// The lesser of two distances, rounded over `blend` mm where they meet.
  @inline(__always)
  static func smoothMinimum(_ a: Float, _ b: Float, _ blend: Float) -> Float {
    let h = max(0, blend - abs(a - b)) / blend
    return min(a, b) - h * h * blend * 0.25
  }

  @inline(__always)
  static func smoothMaximum(_ a: Float, _ b: Float, _ blend: Float) -> Float {
    -smoothMinimum(-a, -b, blend)
  }

  /// From 0 to 1 as `x` goes from −width/2 to width/2, smooth at both ends: a surface's partial volume.
  @inline(__always)
  static func step(_ x: Float, _ width: Float) -> Float {
    let t = min(1, max(0, 0.5 + x / width))
    return t * t * (3 - 2 * t)
  }
}
