import Foundation
import Foundations

/// Writes a NIfTI of 32-bit floats front to back, so that its volumes are never in memory as a whole; the file appears when it
/// is finished, or not at all.
///
/// In a `.nii.gz` each block is a gzip member of its own, which every reader of gzip joins: blocks may be compressed side by side.
package final class NIfTIStream {
  private let path: String
  private let temporary: String
  private let isGzip: Bool
  private let level: Int
  private let descriptor: Int32
  private var isFinished = false

  /// `path` ends in `.nii` or `.nii.gz`; of `options` the forms, volumes and compression level count.
  ///
  /// Throws `FileError.notWritable`.
  package init(_ path: String, geometry: Geometry, options: NIfTIWriteOptions) throws {
    precondition(
      path.hasSuffix(".nii") || path.hasSuffix(".nii.gz"), "a NIfTI's name ends in .nii or .nii.gz")
    var options = options
    (options.dataType, options.slope, options.intercept, options.byteOrder) = (.float32, 1, 0, .little)
    self.path = path
    temporary = path + ".part-\(getpid())"
    isGzip = path.hasSuffix(".gz")
    level = options.compressionLevel
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path) }
    let header = Data(NIfTIHeaderBytes(geometry: geometry, options: options).bytes)
    try append(isGzip ? NIfTI.gzip(header, level: level, path: path) : header)
  }

  deinit {
    close(descriptor)
    if !isFinished { unlink(temporary) }
  }

  /// Voxels as the file has them; may be called on several threads. Throws `FileError.notWritable`.
  package func block(_ voxels: [Float]) throws -> Data {
    let bytes = voxels.withUnsafeBytes { Data($0) }
    return isGzip ? try NIfTI.gzip(bytes, level: level, path: path) : bytes
  }

  /// Appends a block: blocks come in the order of their voxels, i fastest, then j, k, volume. Throws `FileError.notWritable`.
  package func append(_ block: Data) throws {
    try block.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw Self.failure(path) }
        offset += count
      }
    }
  }

  /// Makes the file appear. Throws `FileError.notWritable`.
  package func finish() throws {
    guard fsync(descriptor) == 0 else { throw Self.failure(path) }
    try AtomicFile.publish(temporary, as: path)
    isFinished = true
  }

  private static func failure(_ path: String) -> FileError {
    .notWritable(path: path, reason: String(cString: strerror(errno)))
  }
}
