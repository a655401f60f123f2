extension NIfTIHeader {
  /// w² of a quaternion may fall below 0 by this much through rounding (nibabel's bound, 3 float epsilons).
  private static let quaternionTolerance = 3 * Double(Float.ulpOfOne)

  /// Voxel index to world mm as nibabel chooses it: sform, else qform, else voxel sizes with x to the left.
  ///
  /// `path` is for messages. Throws `ImagingError.header` when the chosen form is not finite or no
  /// rotation.
  package func affine(path: String) throws -> AffineTransform {
    let affine: AffineTransform
    if sformCode != 0 {
      affine = AffineTransform(rows: sformRows)
    } else if qformCode != 0 {
      affine = try quaternionAffine(path: path)
    } else {
      affine = centredAffine
    }
    for row in affine.rows {
      for column in 0..<4 where !row[column].isFinite {
        throw ImagingError.header(
          path: path, field: sformCode != 0 ? "srow_x…srow_z" : qformCode != 0 ? "qform" : "pixdim",
          found: "not finite", expected: "finite numbers")
      }
    }
    return affine
  }

  /// Voxel sizes in mm with nibabel's repairs: signs dropped, 0 read as 1.
  private var voxelSizes: SIMD3<Double> {
    var sizes = SIMD3<Double>.zero
    for axis in 0..<3 {
      let stored = abs(pixelDimensions[axis + 1])
      sizes[axis] = stored == 0 ? 1 : stored
    }
    return sizes
  }

  /// Neither form is set: x points to the left and the origin is the grid's centre (nibabel's
  /// `get_base_affine`).
  private var centredAffine: AffineTransform {
    var spacing = voxelSizes
    for axis in 0..<3 where axis >= dimensions.count { spacing[axis] = 1 }
    spacing.x = -spacing.x
    var origin = SIMD3<Double>.zero
    for axis in 0..<3 { origin[axis] = -Double(size[axis] - 1) / 2 * spacing[axis] }
    return AffineTransform(spacing: spacing, origin: origin)
  }

  /// The scan's grid. Throws as `affine`.
  package func geometry(path: String) throws -> Geometry {
    Geometry(size: size, affine: try affine(path: path))
  }

  /// The qform's affine, whatever its code. Throws as `affine`.
  func quaternionAffine(path: String) throws -> AffineTransform {
    let (x, y, z) = (quaternion.x, quaternion.y, quaternion.z)
    let remainder = 1 - (x * x + y * y + z * z)
    guard remainder.isFinite, remainder > -Self.quaternionTolerance else {
      throw ImagingError.header(
        path: path, field: "quatern_b, c, d", found: "longer than 1", expected: "a rotation, length 1 at most"
      )
    }
    let w = remainder < Self.quaternionTolerance ? 0 : remainder.squareRoot()
    let scale = 2 / (w * w + x * x + y * y + z * z)
    let rotation = [
      SIMD3(1 - scale * (y * y + z * z), scale * (x * y - w * z), scale * (x * z + w * y)),
      SIMD3(scale * (x * y + w * z), 1 - scale * (x * x + z * z), scale * (y * z - w * x)),
      SIMD3(scale * (x * z - w * y), scale * (y * z + w * x), 1 - scale * (x * x + y * y)),
    ]
    var sizes = voxelSizes
    if pixelDimensions[0] == -1 { sizes.z = -sizes.z }
    return AffineTransform(
      rows: (0..<3).map { SIMD4(rotation[$0] * sizes, quaternionOffset[$0]) })
  }
}
