import Foundation
import Foundations

/// What can be wrong with a scan, a label map or a folder of them.
///
/// Messages name the file, what was found and what was expected; never a header's free text nor an
/// intensity.
package enum ImagingError: DescribedError {
  // MARK: Files
  case emptyFile(path: String)
  case isFolder(path: String)
  case unsupportedExtension(path: String, expected: String)
  case compressionMismatch(path: String, isGzip: Bool)
  case missingPartner(path: String, expected: String)
  case truncated(path: String, expectedBytes: Int, foundBytes: Int)
  case corrupt(path: String, reason: String)
  case tooLarge(path: String, bytes: Int, ceiling: Int)

  // MARK: Headers
  case notNIfTI(path: String, found: String)
  case header(path: String, field: String, found: String, expected: String)
  case unsupportedDataType(path: String, code: Int, name: String)
  case severalVolumes(path: String, dimensions: [Int])
  case noVolume(path: String, contrast: String, found: Int)

  case notPNG(path: String)

  // MARK: Voxels
  case nonFiniteVoxels(path: String, count: Int, firstVoxel: SIMD3<Int>)
  case notALabel(path: String, found: String, firstVoxel: SIMD3<Int>)
  case colouredLabels(path: String)
  case allZero(path: String)

  // MARK: Cases
  case gridSize(path: String, found: SIMD3<Int>, reference: String, expected: SIMD3<Int>)
  case gridPlace(path: String, reference: String, axis: Int, millimetres: Double)
  case labelValues(path: String, found: [LabelCount], allowed: [UInt16])

  // MARK: Folders
  case notFolder(path: String)
  case noCases(path: String)
  case noScans(path: String, caseName: String)
  case foreignFile(path: String, expectedPrefix: String)
  case severalFiles(path: String, contrast: String, found: [String])
  case missingContrast(path: String, missing: [String], found: [String], expected: [String])
  case missingLabel(path: String, expected: String)
}

extension ImagingError {
  package var description: String {
    fileMessage ?? headerMessage ?? voxelMessage ?? caseMessage ?? folderMessage
  }

  private var fileMessage: String? {
    switch self {
    case .emptyFile(let path):
      "\(path): the file is empty (0 bytes), a scan was expected. Copy it again."
    case .isFolder(let path):
      "\(path): is a folder, a scan file was expected. Name the file inside it."
    case .unsupportedExtension(let path, let expected):
      "\(path): unknown kind of file by its name; expected \(expected). Convert or rename it."
    case .compressionMismatch(let path, let isGzip):
      isGzip
        ? "\(path): holds gzip data, but its name does not end in .gz. Rename it to end in .gz."
        : "\(path): its name ends in .gz, but it is not gzip data. Rename it, or copy it again."
    case .missingPartner(let path, let expected):
      "\(path): is one half of a header/image pair, and \(expected) is missing. Put both into one folder."
    case .truncated(let path, let expectedBytes, let foundBytes):
      "\(path): truncated: its header asks for \(expectedBytes) bytes, the file holds \(foundBytes). "
        + "Copy it again."
    case .corrupt(let path, let reason):
      "\(path): damaged data (\(reason)). Copy the file again."
    case .tooLarge(let path, let bytes, let ceiling):
      "\(path): would take \(bytes) bytes, more than the ceiling of \(ceiling). "
        + "Check the header's dimensions."
    default: nil
    }
  }

  private var headerMessage: String? {
    switch self {
    case .notNIfTI(let path, let found):
      "\(path): not a NIfTI-1 or NIfTI-2 file (\(found)). Convert the scan to NIfTI."
    case .header(let path, let field, let found, let expected):
      "\(path): header field \(field) is \(found), expected \(expected). Export the scan again."
    case .unsupportedDataType(let path, let code, let name):
      "\(path): data type \(code) (\(name)) is not supported; expected an integer of 8 to 64 bits or a float "
        + "of 32 or 64. Convert the scan."
    case .severalVolumes(let path, let dimensions):
      "\(path): holds several volumes (dimensions \(dimensions.map(String.init).joined(separator: "×"))), "
        + "one was expected. Write each volume to a file of its own."
    case .noVolume(let path, let contrast, let found):
      "\(path): holds \(found) volume\(found == 1 ? "" : "s"), and none is left for the contrast \(contrast); expected one "
        + "for each. Correct dataset.json, or the file."
    case .notPNG(let path):
      "\(path): not a PNG file: its first bytes are not PNG's. Convert the picture, or rename it."
    default: nil
    }
  }

  private var voxelMessage: String? {
    switch self {
    case .nonFiniteVoxels(let path, let count, let voxel):
      "\(path): \(count) voxels are NaN or infinite, the first at \(Self.index(voxel)); all must be finite. "
        + "Repair the scan, for example by setting them to 0."
    case .notALabel(let path, let found, let voxel):
      "\(path): label \(found) at voxel \(Self.index(voxel)), expected a whole number from 0 to 65535. "
        + "Check that this is a label map."
    case .colouredLabels(let path):
      "\(path): a label map in RGB colours; expected grey values or palette indices. "
        + "Save it with a palette or as grey."
    case .allZero(let path):
      "\(path): every voxel is 0, a scan was expected. Check the export, or leave the case out."
    default: nil
    }
  }

  private var caseMessage: String? {
    switch self {
    case .gridSize(let path, let found, let reference, let expected):
      "\(path): has \(Self.extent(found)) voxels, expected \(Self.extent(expected)) as in \(reference). "
        + "Resample it to that scan's grid; --resample-labels does so with label maps."
    case .gridPlace(let path, let reference, let axis, let millimetres):
      "\(path): its grid lies \(String(format: "%.3f", millimetres)) mm away from \(reference) along "
        + "\(["x (left-right)", "y (back-front)", "z (feet-head)"][axis]); expected the same grid to within "
        + "0.01 voxel. Register or resample it to that scan."
    case .labelValues(let path, let found, let allowed):
      "\(path): holds labels \(found.map { "\($0.label) (\($0.voxels) voxels)" }.joined(separator: ", ")); "
        + "expected only \(allowed.map(String.init).joined(separator: ", ")). "
        + "Name the labels in the plan, or map them to these."
    default: nil
    }
  }

  private var folderMessage: String {
    switch self {
    case .notFolder(let path):
      "\(path): is a file; expected a folder of sites, <site>/<case>/<case>_<contrast>.nii.gz. "
        + "Name that folder."
    case .noCases(let path):
      "\(path): no cases found; expected folders <case>/<case>_<contrast>.nii.gz in a site's folder. "
        + "Check the path and the layout."
    case .noScans(let path, let caseName):
      "\(path): no scan found; expected \(caseName)_<contrast>.nii.gz (or .nii, .hdr, .png). "
        + "Add the case's scans, or remove the folder."
    case .foreignFile(let path, let prefix):
      "\(path): its name does not start with its case folder's; expected \(prefix)<contrast>. "
        + "Rename or move it."
    case .severalFiles(let path, let contrast, let found):
      "\(path): several files for \(contrast): \(found.joined(separator: ", ")); expected one. "
        + "Remove the others."
    case .missingContrast(let path, let missing, let found, let expected):
      "\(path): \(missing.isEmpty ? "no scan beside the label map" : "no " + Self.list(missing)); "
        + "found \(Self.list(found)), expected \(Self.list(expected)) as in the other cases. "
        + "Add what is missing, or leave the case out."
    case .missingLabel(let path, let expected):
      "\(path): no label map; expected \(expected) (or .nii, .hdr, .png). Add it, or leave the case out."
    default: "the scan cannot be used"
    }
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.joined(separator: ", ")
  }

  private static func extent(_ size: SIMD3<Int>) -> String { "\(size.x)×\(size.y)×\(size.z)" }

  private static func index(_ voxel: SIMD3<Int>) -> String { "(\(voxel.x), \(voxel.y), \(voxel.z))" }
}
