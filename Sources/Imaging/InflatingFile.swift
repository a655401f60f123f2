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
  let descriptor: Int32
  /// zlib's reader, which closes `descriptor`; nil where the file is read as it lies.
  private let inflater: gzFile?

  /// Deflate never shrinks by more than this factor (zlib's documented bound), so it tells what a file may
  /// hold.
  private static let largestRatio = 1032

  /// Throws `FileError.notFound` or `.unreadable`, `ImagingError.isFolder`, `.emptyFile` or
  /// `.compressionMismatch`.
  init(path: String) throws {
    // A pipe in a scan's place shall look empty, not wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { throw FileError.notFound(path: path) }
      throw FileError.unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    do {
      (diskBytes, isGzip) = try Self.inspect(descriptor, path: path)
      inflater = isGzip ? gzdopen(descriptor, "rb") : nil
      if isGzip && inflater == nil {
        throw FileError.unreadable(path: path, reason: "no memory to inflate it")
      }
    } catch {
      close(descriptor)
      throw error
    }
    if let inflater { gzbuffer(inflater, 1 << 18) }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { if let inflater { gzclose_r(inflater) } else { close(descriptor) } }

  private static func inspect(_ descriptor: Int32, path: String) throws -> (diskBytes: Int, isGzip: Bool) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FileError.unreadable(path: path, reason: "its size cannot be read")
    }
    if status.st_mode & S_IFMT == S_IFDIR { throw ImagingError.isFolder(path: path) }
    if status.st_size == 0 { throw ImagingError.emptyFile(path: path) }
    var first: (UInt8, UInt8) = (0, 0)
    let isGzip = pread(descriptor, &first, 2, 0) == 2 && first == (0x1f, 0x8b)
    if isGzip != path.lowercased().hasSuffix(".gz") {
      throw ImagingError.compressionMismatch(path: path, isGzip: isGzip)
    }
    return (Int(status.st_size), isGzip)
  }

  /// The most inflated bytes that the file can hold, from its size on disk alone.
  var mostBytes: Int { isGzip ? diskBytes * Self.largestRatio + 1024 : diskBytes }

  /// Begins again at the first byte.
  func rewind() {
    if let inflater { gzrewind(inflater) } else { lseek(descriptor, 0, SEEK_SET) }
    position = 0
  }

  /// Reads up to `buffer.count` bytes; fewer only at the end of the data or of a truncated stream.
  ///
  /// Throws `ImagingError.corrupt` when the gzip stream is damaged or its checksum is wrong,
  /// `FileError.unreadable` when the disk fails.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = 0
    while done < buffer.count {
      let wanted = min(buffer.count - done, 1 << 24)
      let got = try readOnce(buffer.baseAddress! + done, wanted)
      if got == 0 { break }
      done += got
    }
    position += done
    return done
  }

  private func readOnce(_ target: UnsafeMutableRawPointer, _ wanted: Int) throws -> Int {
    guard let inflater else {
      let got = Glibc.read(descriptor, target, wanted)
      if got < 0 { throw FileError.unreadable(path: path, reason: String(cString: strerror(errno))) }
      return got
    }
    let got = Int(gzread(inflater, target, UInt32(wanted)))
    if got >= 0 { return got }
    var code: Int32 = 0
    _ = gzerror(inflater, &code)
    if code == Z_BUF_ERROR { return 0 }
    throw ImagingError.corrupt(path: path, reason: "the gzip stream cannot be inflated")
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
    guard let inflater else { return }
    let allowed = limits.inflatedBytes - position + 1
    if try skip(max(1, allowed)) == max(1, allowed) {
      throw ImagingError.tooLarge(path: path, bytes: position, ceiling: limits.inflatedBytes)
    }
    var code: Int32 = 0
    _ = gzerror(inflater, &code)
    if code != Z_OK && code != Z_STREAM_END {
      throw ImagingError.corrupt(path: path, reason: "the gzip stream stops before its checksum")
    }
  }
}
