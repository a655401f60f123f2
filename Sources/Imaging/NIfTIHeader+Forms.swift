import Foundation

/// How far a header's two forms are from each other.
package struct FormDisagreement: Sendable, Equatable {
  /// Between the axes' directions; nil where one form is a mirror image of the other.
  package let degrees: Double?
  /// The farthest that a corner of the grid moves from one form to the other, in mm.
  package let millimetres: Double

  /// Readers that follow one form see left where readers that follow the other see right.
  package var isMirrored: Bool { degrees == nil }
}

extension NIfTIHeader {
  /// A quaternion in single precision misses a turn near 180° by up to 0.05° (w is the root of a rounding error), which
  /// moves a corner of a head scan by a fifth of a voxel: only more than this part of a voxel is a disagreement.
  private static let formTolerance = 0.25

  /// How qform and sform disagree; nil where they agree, or are not both set. Throws `ImagingError.header` where the qform
  /// is no rotation.
  package func formDisagreement(path: String) throws -> FormDisagreement? {
    guard qformCode != 0, sformCode != 0 else { return nil }
    let qform = Geometry(size: size, affine: try quaternionAffine(path: path))
    let sform = Geometry(size: size, affine: AffineTransform(rows: sformRows))
    let shift = qform.farthestCornerShift(to: sform)
    guard shift > Self.formTolerance * sform.spacing.min() else { return nil }
    if qform.affine.isRightHanded != sform.affine.isRightHanded {
      return FormDisagreement(degrees: nil, millimetres: shift)
    }
    // Two rotations by an angle θ apart differ by 2√2·sin(θ/2) in the Frobenius norm.
    let apart = zip(qform.affine.polarRotation, sform.affine.polarRotation).reduce(0) { sum, pair in
      let difference = pair.0 - pair.1
      return sum + (difference * difference).sum()
    }
    let sine = min(1, (apart / 8).squareRoot())
    return FormDisagreement(degrees: 2 * asin(sine) * 180 / .pi, millimetres: shift)
  }

  /// Voxel sizes of `pixdim` in mm, where they differ by more than 1 % from the affine that is used; nil where they agree.
  package func strangeVoxelSizes(path: String) throws -> SIMD3<Double>? {
    let used = try affine(path: path).spacing
    let stored = SIMD3(abs(pixelDimensions[1]), abs(pixelDimensions[2]), abs(pixelDimensions[3]))
    let differs = (0..<min(3, dimensions.count)).contains { !(abs(stored[$0] - used[$0]) <= 0.01 * used[$0]) }
    return differs ? stored : nil
  }

  /// The unit of length that the header names: mm, m, µm, or nil for none.
  package var lengthUnit: String? {
    switch units & 7 {
    case 1: "m"
    case 2: "mm"
    case 3: "µm"
    default: nil
    }
  }
}

extension Geometry {
  /// The farthest that one of the eight corner voxels lies from the same voxel of another grid, in mm.
  package func farthestCornerShift(to other: Geometry) -> Double {
    (0..<8).reduce(0) { farthest, corner in
      var voxel = SIMD3<Double>.zero
      for axis in 0..<3 where corner >> axis & 1 == 1 { voxel[axis] = Double(size[axis] - 1) }
      let shift = affine.world(voxel) - other.affine.world(voxel)
      return max(farthest, (shift * shift).sum().squareRoot())
    }
  }
}
