import Foundation
import Foundations
import Imaging

/// Reads headers, and judges them. No voxel is read.
enum FileInspector {
  /// More than this is no rounding: 0.05° moves the end of a 200 mm axis by a sixth of a millimetre.
  private static let shearTolerance = 0.05

  /// Throws `FileError` or `ImagingError`.
  static func inspect(_ path: String, contents: String) throws -> (FileInspection, [Finding]) {
    let name = (path as NSString).lastPathComponent
    if PNG.isNamed(path) {
      let header = try PNG.header(path)
      let kind = header.hasPalette ? "palette" : header.channels == 1 ? "grey" : "RGB"
      let file = FileInspection(
        name: name, contents: contents, format: "PNG", dataType: "\(header.bitDepth) bits, \(kind)",
        size: header.size, volumes: 1, spacing: nil, orientation: nil, isRightHanded: nil,
        patientSpacing: nil)
      return (file, text(try PNG.text(path), name))
    }
    let header = try NIfTI.header(path)
    let affine = try header.affine(path: path)
    let sources = affine.permutationToRAS.sources
    let spacing = affine.spacing
    let file = FileInspection(
      name: name, contents: contents, format: "NIfTI-\(header.version)", dataType: "\(header.dataType)",
      size: header.size, volumes: header.volumes, spacing: spacing, orientation: affine.orientation,
      isRightHanded: affine.isRightHanded,
      patientSpacing: SIMD3(spacing[sources.x], spacing[sources.y], spacing[sources.z]))
    return (file, try oddities(header, affine, path, name) + text(try NIfTI.text(path), name))
  }

  private static func oddities(
    _ header: NIfTIHeader, _ affine: Imaging.AffineTransform, _ path: String, _ name: String
  ) throws -> [Finding] {
    var found: [Finding] = []
    func add(_ kind: Finding.Kind, _ message: String) { found.append(Finding(kind, file: name, message)) }
    if header.qformCode == 0 && header.sformCode == 0 {
      add(
        .noOrientation,
        "neither qform nor sform is set: x is taken to run to the left (\(affine.orientation)), which may be wrong"
      )
    }
    do {
      if let apart = try header.formDisagreement(path: path) {
        let shift = "a corner of the grid moves by \(number(apart.millimetres, 2)) mm"
        if let degrees = apart.degrees {
          add(
            .formsDisagree, "qform and sform are \(number(degrees, 2))° apart, \(shift); the sform is used")
        } else {
          add(
            .leftRight,
            "qform and sform are mirror images of each other, \(shift): tools that follow the qform see left where the "
              + "sform, which is used, has right")
        }
      }
    } catch let error as ImagingError {
      add(.formsDisagree, "the qform, which is not used, is no rotation: \(error.description)")
    }
    if affine.shear > shearTolerance {
      add(
        .shear,
        "axes are \(number(affine.shear, 2))° away from right angles: ITK refuses such files; resample the scan"
      )
    }
    if let sizes = try header.strangeVoxelSizes(path: path) {
      add(
        .voxelSizes, "pixdim says \(extent(sizes)) mm, the affine that is used \(extent(affine.spacing)) mm")
    }
    if header.lengthUnit == nil {
      add(.noUnit, "no unit of length is set: mm are taken")
    } else if let unit = header.lengthUnit, unit != "mm" {
      add(.lengthUnit, "the unit of length is \(unit), and mm are taken all the same: check the voxel sizes")
    }
    if header.scaling == nil {
      add(
        .slope, "scl_slope is \(header.slope == 0 ? "0" : "not finite"): voxels are taken as they are stored")
    }
    return found
  }

  private static func text(_ fields: [HeaderText], _ name: String) -> [Finding] {
    if fields.isEmpty { return [] }
    let list = fields.map { "\($0.field) (\($0.bytes) bytes)" }.joined(separator: ", ")
    return [
      Finding(
        .identifyingText, file: name,
        "holds text that may name a patient, in \(list); segfed inspect --anonymise writes copies without it")
    ]
  }

  static func number(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }

  private static func extent(_ sizes: SIMD3<Double>) -> String {
    [sizes.x, sizes.y, sizes.z].map { number($0, 3) }.joined(separator: "×")
  }
}
