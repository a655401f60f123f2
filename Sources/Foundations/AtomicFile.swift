import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a file whole or not at all.
///
/// The bytes go to a temporary file in the same folder, which is synced and renamed over the
/// target, and the folder is synced: after a crash there is the old file or the new one, never a part.
package enum AtomicFile {
  /// Throws `FileError.notWritable`; the temporary file is removed then.
  package static func write(_ bytes: some DataProtocol, to path: String) throws {
    let temporary = path + ".part-\(getpid())"
    do {
      try writeSynced(Data(bytes), to: temporary)
    } catch {
      unlink(temporary)
      throw error
    }
    try publish(temporary, as: path)
  }

  package static func write(_ text: String, to path: String) throws {
    try write(Data(text.utf8), to: path)
  }

  /// Writes a value as JSON for people: sorted keys, indented. Throws `FileError.notWritable`.
  package static func write(json value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    guard let data = try? encoder.encode(value) else {
      throw FileError.notWritable(path: path, reason: "what it is to hold is beyond JSON")
    }
    try write(data + Data("\n".utf8), to: path)
  }

  /// Renames a finished temporary file over its target and syncs the folder.
  package static func publish(_ temporary: String, as path: String) throws {
    guard rename(temporary, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(temporary)
      throw FileError.notWritable(path: path, reason: reason)
    }
    let folder = open((path as NSString).deletingLastPathComponent.nonEmptyPath, O_RDONLY)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private static func writeSynced(_ data: Data, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else {
      throw FileError.notWritable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var offset = 0
    while offset < data.count {
      let written = data.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress! + offset, data.count - offset)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        throw FileError.notWritable(path: path, reason: String(cString: strerror(errno)))
      }
      offset += written
    }
    guard fsync(descriptor) == 0 else {
      throw FileError.notWritable(path: path, reason: String(cString: strerror(errno)))
    }
  }
}

extension String {
  fileprivate var nonEmptyPath: String { isEmpty ? "." : self }
}
