import CNIfTI
import Foundation
import Foundations

/// A file read front to back, inflated on the way when it is gzip, with truncation and damage told apart.
final class InflatingFile {
  let path: String
  /// Bytes on disk.
  let diskBytes: Int
  let isGzip: Bool
  /// Inflated bytes handed out so far.
  private(set) var position = 0
  private let handle: gzFile

  /// Deflate never shrinks by more than this factor (zlib's documented bound), so it tells what a file may
  /// hold.
  private static let largestRatio = 1032

  /// Throws `FileError.notFound` or `.unreadable`, `ImagingError.isFolder`, `.emptyFile` or
  /// `.compressionMismatch`.
  init(path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw FileError.notFound(path: path)
    }
    if isFolder.boolValue { throw ImagingError.isFolder(path: path) }
    guard let plain = fopen(path, "rb") else {
      throw FileError.unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    var status = stat()
    let statusCode = fstat(fileno(plain), &status)
    let first = fgetc(plain)
    let second = fgetc(plain)
    fclose(plain)
    guard statusCode == 0 else { throw FileError.unreadable(path: path, reason: "its size cannot be read") }
    if status.st_size == 0 { throw ImagingError.emptyFile(path: path) }
    let isGzip = first == 0x1f && second == 0x8b
    if isGzip != path.lowercased().hasSuffix(".gz") {
      throw ImagingError.compressionMismatch(path: path, isGzip: isGzip)
    }
    guard let handle = gzopen(path, "rb") else {
      throw FileError.unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    gzbuffer(handle, 1 << 18)
    self.path = path
    self.diskBytes = Int(status.st_size)
    self.isGzip = isGzip
    self.handle = handle
  }

  deinit { gzclose_r(handle) }

  /// The most inflated bytes that the file can hold, from its size on disk alone.
  var mostBytes: Int { isGzip ? diskBytes * Self.largestRatio + 1024 : diskBytes }

  /// Reads up to `buffer.count` bytes; fewer only at the end of the data or of a truncated stream.
  ///
  /// Throws `ImagingError.corrupt` when the gzip stream is damaged or its checksum is wrong.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = 0
    while done < buffer.count {
      let wanted = min(buffer.count - done, 1 << 24)
      let got = Int(gzread(handle, buffer.baseAddress! + done, UInt32(wanted)))
      if got < 0 {
        var code: Int32 = 0
        _ = gzerror(handle, &code)
        if code == Z_BUF_ERROR { break }
        throw ImagingError.corrupt(path: path, reason: "the gzip stream cannot be inflated")
      }
      if got == 0 { break }
      done += got
    }
    position += done
    return done
  }

  /// Skips `count` bytes; returns how many there were.
  func skip(_ count: Int) throws -> Int {
    var left = count
    try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { scratch in
      while left > 0 {
        let got = try read(
          into: UnsafeMutableRawBufferPointer(rebasing: scratch[..<min(left, scratch.count)]))
        if got == 0 { break }
        left -= got
      }
    }
    return count - left
  }

  /// Reads what is left of a gzip stream, so that its end and checksum are verified.
  ///
  /// Throws `ImagingError.corrupt` for a stream that stops early, `.tooLarge` for one that never seems to
  /// end.
  func verifyEnd(limits: ReadLimits) throws {
    guard isGzip else { return }
    let allowed = limits.inflatedBytes - position + 1
    if try skip(max(1, allowed)) == max(1, allowed) {
      throw ImagingError.tooLarge(path: path, bytes: position, ceiling: limits.inflatedBytes)
    }
    var code: Int32 = 0
    _ = gzerror(handle, &code)
    if code != Z_OK && code != Z_STREAM_END {
      throw ImagingError.corrupt(path: path, reason: "the gzip stream stops before its checksum")
    }
  }
}
