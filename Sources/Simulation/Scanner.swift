import Foundations
import Imaging

/// One site's scanner: how its scans look, and how its files are written.
package struct Scanner: Sendable, Equatable {
  /// Which forms of a NIfTI header carry the affine.
  package enum HeaderForm: String, Sendable, Codable { case sform, qform, both }

  /// Tesla, 1.5 or 3.
  package var fieldStrength: Double
  package var protocols: Protocols
  /// Voxels in mm along right, anterior and superior, before orientation.
  package var spacing: SIMD3<Double>
  /// Directions in which i, j, k grow, as nibabel's axis codes: `RAS`, `LPS`, `PIR` …
  package var orientation: String
  /// Degrees by which the grid is turned about the left-right axis.
  package var tilt: Double
  /// Rician noise, as a share of white matter's signal.
  package var noise: Double
  /// Bias field: end-to-end change as a share of the mean.
  package var biasField: Double
  /// Full width at half maximum of the point spread, in voxels.
  package var pointSpread: Double
  package var headerForm: HeaderForm
  package var dataType: NIfTIDataType
  package var slope: Double
  /// Stored number that white matter has, in the mean over cases, times `slope`.
  package var whiteLevel: Double

  package init(
    fieldStrength: Double, protocols: Protocols = Protocols(), spacing: SIMD3<Double>,
    orientation: String = "RAS", tilt: Double = 0, noise: Double, biasField: Double,
    pointSpread: Double = 1, headerForm: HeaderForm = .both, dataType: NIfTIDataType = .int16,
    slope: Double = 1, whiteLevel: Double = 300
  ) {
    self.fieldStrength = fieldStrength
    self.protocols = protocols
    self.spacing = spacing
    self.orientation = orientation
    self.tilt = tilt
    self.noise = noise
    self.biasField = biasField
    self.pointSpread = pointSpread
    self.headerForm = headerForm
    self.dataType = dataType
    self.slope = slope
    self.whiteLevel = whiteLevel
  }

  /// How the scanner writes a scan.
  package var writeOptions: NIfTIWriteOptions {
    NIfTIWriteOptions(
      dataType: dataType, slope: slope, qformCode: headerForm == .sform ? 0 : 1,
      sformCode: headerForm == .qform ? 0 : 1)
  }

  /// How its label maps are written: bytes, the same forms.
  package var labelOptions: NIfTIWriteOptions {
    var result = writeOptions
    result.dataType = .uint8
    result.slope = 1
    return result
  }
}

extension Scanner {
  /// A grid of `size` voxels along right, anterior and superior, centred on `centre` (mm), in the scanner's orientation.
  package func geometry(size: SIMD3<Int>, centre: SIMD3<Double> = .zero) -> Geometry {
    let cosine = PortableMath.cos(tilt * Double.pi / 180)
    let sine = PortableMath.sin(tilt * Double.pi / 180)
    var voxels = SIMD3<Int>(1, 1, 1)
    var columns: [SIMD3<Double>] = []
    for (index, letter) in orientation.enumerated() {
      let axis = Scanner.axis(letter)
      voxels[index] = size[axis.world]
      var step = SIMD3<Double>.zero
      step[axis.world] = axis.sign * spacing[axis.world]
      columns.append(SIMD3(step.x, cosine * step.y - sine * step.z, sine * step.y + cosine * step.z))
    }
    var origin = centre
    for axis in 0..<3 { origin -= columns[axis] * (Double(voxels[axis] - 1) / 2) }
    let rows = (0..<3).map { SIMD4(columns[0][$0], columns[1][$0], columns[2][$0], origin[$0]) }
    return Geometry(size: voxels, affine: AffineTransform(rows: rows))
  }

  private static func axis(_ letter: Character) -> (world: Int, sign: Double) {
    switch letter {
    case "R": return (0, 1)
    case "L": return (0, -1)
    case "A": return (1, 1)
    case "P": return (1, -1)
    case "S": return (2, 1)
    case "I": return (2, -1)
    default: preconditionFailure("an orientation has the letters R or L, A or P, S or I")
    }
  }
}
