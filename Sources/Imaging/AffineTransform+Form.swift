import Foundation

extension AffineTransform {
  /// Which way each voxel axis runs, such as `RAS` or `LPS`: nibabel's `aff2axcodes`. R, A and S: to the patient's right,
  /// front and head.
  package var orientation: String {
    let permutation = permutationToRAS
    var letters: [Character] = ["?", "?", "?"]
    for world in 0..<3 {
      letters[permutation.sources[world]] = Array(permutation.flips[world] ? "LPI" : "RAS")[world]
    }
    return String(letters)
  }

  /// Whether i, j, k are right-handed in the patient: a mirrored scan is not.
  package var isRightHanded: Bool { volume > 0 }

  /// What a voxel's edges span, in mm³; below 0 for a mirrored scan.
  var volume: Double { (column(0) * Self.cross(column(1), column(2))).sum() }

  private static func cross(_ u: SIMD3<Double>, _ v: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
  }

  /// The map from world mm to voxels; nil where the columns span no volume.
  package var inverse: AffineTransform? {
    let (a, b, c) = (column(0), column(1), column(2))
    let volume = volume
    guard abs(volume) > 1e-12 else { return nil }
    let origin = SIMD3(rows[0].w, rows[1].w, rows[2].w)
    return AffineTransform(
      rows: [Self.cross(b, c), Self.cross(c, a), Self.cross(a, b)].map { row in
        SIMD4(row / volume, -(row * origin).sum() / volume)
      })
  }

  /// How far the most oblique pair of axes is from a right angle, in degrees.
  package var shear: Double {
    var worst = 0.0
    for (p, q) in [(0, 1), (0, 2), (1, 2)] {
      let (a, b) = (column(p), column(q))
      worst = max(worst, abs((a * b).sum()) / ((a * a).sum() * (b * b).sum()).squareRoot())
    }
    return asin(min(1, worst)) * 180 / .pi
  }
}
