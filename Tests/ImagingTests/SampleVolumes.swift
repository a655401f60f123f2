import Foundation
import Foundations
import Imaging

/// Small volumes made for tests.
enum SampleVolumes {
  /// An oblique grid: turned about all axes, in either handedness.
  static func obliqueAffine(leftHanded: Bool = false) -> Imaging.AffineTransform {
    let (a, b, c) = (0.3, -0.2, 0.4)
    let zooms = SIMD3(1.2, 0.9, leftHanded ? -3.0 : 3.0)
    let rotation = [
      SIMD3(
        cos(b) * cos(c), sin(a) * sin(b) * cos(c) - cos(a) * sin(c),
        cos(a) * sin(b) * cos(c) + sin(a) * sin(c)),
      SIMD3(
        cos(b) * sin(c), sin(a) * sin(b) * sin(c) + cos(a) * cos(c),
        cos(a) * sin(b) * sin(c) - sin(a) * cos(c)),
      SIMD3(-sin(b), sin(a) * cos(b), cos(a) * cos(b)),
    ]
    let origin = SIMD3(-12.5, 30.25, 7.75)
    return Imaging.AffineTransform(rows: (0..<3).map { SIMD4(rotation[$0] * zooms, origin[$0]) })
  }

  /// Whole numbers from 0 to 250, different in every voxel's neighbourhood.
  static func ramp(_ size: SIMD3<Int>, affine: Imaging.AffineTransform) -> Volume {
    let geometry = Geometry(size: size, affine: affine)
    return Volume(geometry: geometry, voxels: (0..<geometry.count).map { Float($0 * 37 % 251) })
  }

  /// The 48 ways in which three axes can lie.
  static var allPermutations: [AxisPermutation] {
    let orders = [
      SIMD3(0, 1, 2), SIMD3(0, 2, 1), SIMD3(1, 0, 2), SIMD3(1, 2, 0), SIMD3(2, 0, 1), SIMD3(2, 1, 0),
    ]
    return orders.flatMap { order in
      (0..<8).map { bits in
        AxisPermutation(sources: order, flips: [bits & 1 == 1, bits & 2 == 2, bits & 4 == 4])
      }
    }
  }
}
