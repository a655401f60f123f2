import Foundation
import Foundations

extension NIfTI {
  /// The files that a scan consists of: one, or header and image of a pair. Throws as reading does.
  package static func files(_ path: String) throws -> [String] {
    let paths = try NIfTIPaths(path)
    return paths.header == paths.image ? [path] : [paths.header, paths.image]
  }

  /// Copies a scan's files into a folder, under their names, without free text: `textFields` zeroed, extensions and
  /// whatever else surrounds the voxels left out, gzip without name, comment and time. Header and voxels are else the same,
  /// byte for byte.
  ///
  /// Each file appears whole or not at all. Throws `FileError` or `ImagingError`.
  package static func copyWithoutText(
    _ path: String, into folder: String, limits: ReadLimits = .standard
  ) throws {
    let paths = try NIfTIPaths(path)
    let header = try header(path)
    let voxels = try voxelBytes(paths.image, header: header, limits: limits)
    let front = try cleanHeader(paths.header, header: header)
    if header.isPair {
      try write(front, like: paths.header, into: folder)
      try write(voxels, like: paths.image, into: folder)
    } else {
      try write(front + voxels, like: paths.image, into: folder)
    }
  }

  /// The header with its text zeroed, the voxels right behind it, and no extension.
  private static func cleanHeader(_ path: String, header: NIfTIHeader) throws -> Data {
    let count = header.version == 1 ? NIfTIHeader.byteCount1 : NIfTIHeader.byteCount2
    var bytes = Data(count: count + 4)
    let file = try InflatingFile(path: path)
    _ = try bytes.withUnsafeMutableBytes { try file.read(into: .init(rebasing: $0[..<count])) }
    for field in textFields(version: header.version) {
      bytes.resetBytes(in: field.offset..<field.offset + field.count)
    }
    let offset = header.isPair ? 0 : bytes.count
    func put<Value: FixedWidthInteger>(_ value: Value, at place: Int) {
      withUnsafeBytes(of: header.isBigEndian ? value.bigEndian : value.littleEndian) {
        bytes.replaceSubrange(place..<place + $0.count, with: $0)
      }
    }
    if header.version == 1 {
      put(Float(offset).bitPattern, at: 108)
    } else {
      put(Int64(offset), at: 168)
    }
    return bytes
  }

  private static func voxelBytes(_ path: String, header: NIfTIHeader, limits: ReadLimits) throws -> Data {
    let file = try InflatingFile(path: path)
    let needed = header.voxelOffset + header.voxelBytes
    if needed > limits.inflatedBytes {
      throw ImagingError.tooLarge(path: path, bytes: needed, ceiling: limits.inflatedBytes)
    }
    guard needed <= file.mostBytes, try file.skip(header.voxelOffset) == header.voxelOffset else {
      throw ImagingError.truncated(path: path, expectedBytes: needed, foundBytes: try file.skip(needed))
    }
    var voxels = Data(count: header.voxelBytes)
    let got = try voxels.withUnsafeMutableBytes { try file.read(into: $0) }
    if got < header.voxelBytes {
      throw ImagingError.truncated(path: path, expectedBytes: needed, foundBytes: file.position)
    }
    try file.verifyEnd(limits: limits)
    return voxels
  }

  private static func write(_ bytes: Data, like original: String, into folder: String) throws {
    let path = folder + "/" + FolderListing.name(of: original)
    let isGzip = path.lowercased().hasSuffix(".gz")
    try AtomicFile.write(isGzip ? gzip(bytes, level: 6, path: path) : bytes, to: path)
  }
}
