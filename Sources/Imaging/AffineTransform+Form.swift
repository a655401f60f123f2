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
  package var isRightHanded: Bool {
    let (a, b, c) = (column(0), column(1), column(2))
    return a.x * (b.y * c.z - b.z * c.y) - b.x * (a.y * c.z - a.z * c.y) + c.x * (a.y * b.z - a.z * b.y) > 0
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
