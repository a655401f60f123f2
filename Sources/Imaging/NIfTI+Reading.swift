import Foundation
import Foundations

/// Reading and writing of NIfTI-1 and NIfTI-2: `.nii`, `.nii.gz`, and `.hdr`/`.img` pairs, compressed or
/// not.
///
/// The header is checked here before libnifti sees the file, because libnifti trusts headers. libnifti then
/// reads the header and swaps the voxels' bytes; the voxels are read here, because its own loader turns
/// NaN into 0 without a word and does not notice a broken gzip checksum.
package enum NIfTI {}

extension NIfTI {
  /// Reads a scan: slope and intercept applied in double precision, one volume, every voxel finite.
  ///
  /// Throws `FileError` or `ImagingError`, before anything of the header's size is allocated.
  package static func readVolume(_ path: String, limits: ReadLimits = .standard) throws -> Volume {
    let reader = try VoxelReader(path: path, limits: limits)
    return Volume(geometry: reader.geometry, voxels: try reader.finiteVoxels())
  }

  /// Reads all volumes of a 4D file, which lie on one grid; a 3D file gives one. Throws as `readVolume`.
  package static func readVolumes(_ path: String, limits: ReadLimits = .standard) throws -> [Volume] {
    let reader = try VoxelReader(path: path, limits: limits, isStack: true)
    return try (0..<reader.volumes).map { index in
      Volume(geometry: reader.geometry, voxels: try reader.finiteVoxels(index))
    }
  }

  /// Reads a label map: whole numbers from 0 to 65535, in any data type, slope and intercept applied.
  ///
  /// Throws as `readVolume`, and `ImagingError.notALabel` for another value.
  package static func readLabels(_ path: String, limits: ReadLimits = .standard) throws -> LabelVolume {
    let reader = try VoxelReader(path: path, limits: limits)
    return LabelVolume(geometry: reader.geometry, labels: try reader.labels())
  }

  /// Reads and checks the header alone; the voxels are not touched.
  package static func header(_ path: String) throws -> NIfTIHeader {
    try NIfTIHeader(file: try InflatingFile(path: try NIfTIPaths(path).header))
  }
}

extension NIfTIHeader {
  /// Reads and checks the header at the front of `file`. Throws as `init(bytes:path:)`.
  init(file: InflatingFile) throws {
    var bytes = [UInt8](repeating: 0, count: NIfTIHeader.byteCount2)
    let got = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
    try self.init(bytes: Array(bytes.prefix(got)), path: file.path)
  }
}

/// The file or the two files of a scan.
struct NIfTIPaths {
  let header: String
  let image: String

  /// Throws `ImagingError.unsupportedExtension` or `.missingPartner`.
  init(_ path: String) throws {
    let name = path.lowercased()
    if name.hasSuffix(".nii") || name.hasSuffix(".nii.gz") {
      header = path
      image = path
      return
    }
    let plain = name.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    guard plain.lowercased().hasSuffix(".hdr") || plain.lowercased().hasSuffix(".img") else {
      throw ImagingError.unsupportedExtension(path: path, expected: ".nii, .nii.gz, .hdr or .img")
    }
    let stem = String(plain.dropLast(4))
    header = try Self.existing(stem + ".hdr", of: path)
    image = try Self.existing(stem + ".img", of: path)
  }

  private static func existing(_ partner: String, of path: String) throws -> String {
    if !FileManager.default.fileExists(atPath: path) { throw FileError.notFound(path: path) }
    for candidate in [partner, partner + ".gz"] where FileManager.default.fileExists(atPath: candidate) {
      return candidate
    }
    throw ImagingError.missingPartner(path: path, expected: partner)
  }
}
