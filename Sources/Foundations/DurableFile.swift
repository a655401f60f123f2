import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The file operations that lasting files are made of; each is a `FailPoint`.
///
/// All throw `FileError.notWritable`.
package enum DurableFile {
  /// Makes or empties a file, writes all bytes and waits until the disk has them.
  package static func write(_ data: Data, to path: String) throws {
    try withDescriptor(path, O_WRONLY | O_CREAT | O_TRUNC) { descriptor in
      try writeAll(data, descriptor, path, point: .write)
      try sync(descriptor, path)
    }
  }

  /// Adds bytes behind those of a file that is there, and waits until the disk has them.
  ///
  /// Where that fails, what was added is taken away again.
  package static func append(_ data: Data, to path: String) throws {
    try withDescriptor(path, O_WRONLY | O_APPEND) { descriptor in
      let before = lseek(descriptor, 0, SEEK_END)
      do {
        try writeAll(data, descriptor, path, point: .append)
        try sync(descriptor, path)
      } catch {
        if before >= 0 { ftruncate(descriptor, before) }
        throw error
      }
    }
  }

  /// Cuts a file to its first `length` bytes and waits until the disk has that.
  package static func truncate(_ path: String, to length: Int) throws {
    try withDescriptor(path, O_WRONLY) { descriptor in
      if let action = FailPoint.reached(.truncate, path) { try act(action, path) }
      guard ftruncate(descriptor, off_t(length)) == 0 else { throw failure(path) }
      try sync(descriptor, path)
    }
  }

  /// Puts a finished file in another's place and waits until the disk has the folder's entry.
  package static func rename(_ source: String, to path: String) throws {
    if let action = FailPoint.reached(.rename, path) { try act(action, path) }
    guard Foundation.rename(source, path) == 0 else { throw failure(path) }
    try syncFolder(of: path)
  }

  /// Removes a file; one that is not there is no failure.
  package static func remove(_ path: String) throws {
    if let action = FailPoint.reached(.remove, path) { try act(action, path) }
    guard unlink(path) == 0 || errno == ENOENT else { throw failure(path) }
  }

  /// Whether a folder takes `bytes` bytes more: writes them to a file without a name, which goes with its descriptor.
  ///
  /// Where the probe `isDurable`, it waits until the disk has them.
  package static func probe(_ folder: String, bytes: Int, isDurable: Bool = false) throws {
    let path = folder + "/.segfed-probe"
    try withDescriptor(path, O_WRONLY | O_CREAT | O_TRUNC) { descriptor in
      unlink(path)
      try writeAll(Data(count: bytes), descriptor, path, point: .write)
      if isDurable { try sync(descriptor, path) }
    }
  }

  private static func withDescriptor(_ path: String, _ flags: Int32, _ body: (Int32) throws -> Void) throws {
    let descriptor = open(path, flags | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    try body(descriptor)
  }

  private static func writeAll(_ data: Data, _ descriptor: Int32, _ path: String, point: FailPoint) throws {
    guard let action = FailPoint.reached(point, path) else {
      return try write(data, upTo: data.count, descriptor, path)
    }
    if action != .error { try write(data, upTo: data.count / 2, descriptor, path) }
    try act(action, path)
  }

  private static func write(_ data: Data, upTo end: Int, _ descriptor: Int32, _ path: String) throws {
    var offset = 0
    while offset < end {
      let written = data.withUnsafeBytes { buffer in
        Foundation.write(descriptor, buffer.baseAddress! + offset, end - offset)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw failure(path) }
      offset += written
    }
  }

  private static func sync(_ descriptor: Int32, _ path: String) throws {
    if let action = FailPoint.reached(.sync, path) { try act(action, path) }
    guard fsync(descriptor) == 0 else { throw failure(path) }
  }

  private static func syncFolder(of path: String) throws {
    if let action = FailPoint.reached(.syncFolder, path) { try act(action, path) }
    let name = (path as NSString).deletingLastPathComponent
    let folder = open(name.isEmpty ? "." : name, O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return }
    defer { close(folder) }
    // Some file systems cannot sync a folder, and say so; only a failing disk is an error.
    if fsync(folder) != 0 && (errno == EIO || errno == ENOSPC) { throw failure(path) }
  }

  private static func act(_ action: FailPoint.Action, _ path: String) throws {
    if action == .kill { FailPoint.die() }
    throw FileError.notWritable(path: path, reason: String(cString: strerror(ENOSPC)))
  }

  private static func failure(_ path: String) -> FileError {
    .notWritable(path: path, reason: String(cString: strerror(errno)))
  }
}
