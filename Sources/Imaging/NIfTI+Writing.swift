import CNIfTI
import Foundation
import Foundations

extension NIfTI {
  /// Writes a scan as one file, whole or not at all; the same input gives the same bytes.
  ///
  /// `path` ends in `.nii` or `.nii.gz`. Throws `FileError.notWritable` or
  /// `ImagingError.unsupportedExtension`.
  package static func write(_ volume: Volume, to path: String, options: NIfTIWriteOptions) throws {
    try volume.voxels.withUnsafeBufferPointer { voxels in
      try write(volume.geometry, to: path, options: options) { start, piece in
        for index in 0..<piece.count { piece[index] = Double(voxels[start + index]) }
      }
    }
  }

  /// Writes a label map like `write` of a volume. Every label must fit the data type.
  package static func write(_ labels: LabelVolume, to path: String, options: NIfTIWriteOptions) throws {
    try labels.labels.withUnsafeBufferPointer { values in
      precondition(
        options.dataType != .uint8 || !values.contains { $0 > 255 }, "label above 255 in a file of bytes")
      try write(labels.geometry, to: path, options: options) { start, piece in
        for index in 0..<piece.count { piece[index] = Double(values[start + index]) }
      }
    }
  }

  /// Voxels converted at a time: small enough for the cache.
  private static let piece = 1 << 15

  private static func write(
    _ geometry: Geometry, to path: String, options: NIfTIWriteOptions,
    fill: (_ start: Int, _ piece: UnsafeMutableBufferPointer<Double>) -> Void
  ) throws {
    let name = path.lowercased()
    guard name.hasSuffix(".nii") || name.hasSuffix(".nii.gz") else {
      throw ImagingError.unsupportedExtension(path: path, expected: ".nii or .nii.gz to write")
    }
    let header = NIfTIHeaderBytes(geometry: geometry, options: options)
    let width = options.dataType.byteCount
    var file = Data(count: header.bytes.count + geometry.count * width)
    file.withUnsafeMutableBytes { bytes in
      bytes.copyBytes(from: header.bytes)
      let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: piece)
      let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: piece * width, alignment: 64)
      defer {
        values.deallocate()
        stored.deallocate()
      }
      for start in stride(from: 0, to: geometry.count, by: piece) {
        let length = min(piece, geometry.count - start)
        let part = UnsafeMutableBufferPointer(rebasing: values[..<length])
        fill(start, part)
        VoxelCoding.encode(
          UnsafeBufferPointer(part), as: options.dataType, slope: header.slope, intercept: header.intercept,
          swapped: options.byteOrder == .big, into: stored)
        let target = bytes.baseAddress! + header.bytes.count + start * width
        target.copyMemory(from: stored.baseAddress!, byteCount: length * width)
      }
    }
    let isGzip = name.hasSuffix(".gz")
    try AtomicFile.write(isGzip ? gzip(file, level: options.compressionLevel, path: path) : file, to: path)
  }

  /// One gzip member without name and time.
  static func gzip(_ data: Data, level: Int, path: String) throws -> Data {
    var compressed: UnsafeMutablePointer<UInt8>?
    var count = 0
    let code = data.withUnsafeBytes { bytes in
      segfed_gzip(
        bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, Int32(level), &compressed, &count)
    }
    guard code == Z_OK, let compressed else {
      throw FileError.notWritable(path: path, reason: "compression failed, zlib code \(code)")
    }
    return Data(bytesNoCopy: compressed, count: count, deallocator: .free)
  }
}
