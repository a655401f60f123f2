import Foundation

/// Writes a file whole or not at all.
///
/// The bytes go to a temporary file in the same folder, which is synced and renamed over the
/// target, and the folder is synced: after a crash there is the old file or the new one, never a part.
package enum AtomicFile {
  /// Throws `FileError.notWritable`; the temporary file is removed then.
  package static func write(_ bytes: some DataProtocol, to path: String) throws {
    let temporary = temporary(for: path)
    do {
      try DurableFile.write(Data(bytes), to: temporary)
    } catch {
      unlink(temporary)
      // What cannot be written is the file that was asked for.
      guard case FileError.notWritable(_, let reason) = error else { throw error }
      throw FileError.notWritable(path: path, reason: reason)
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
    do {
      try DurableFile.rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private static let temporaryMark = ".part-"

  /// Where what is to be at a path is made first: beside it, on the same disk.
  package static func temporary(for path: String) -> String { path + temporaryMark + "\(getpid())" }

  /// Whether a file is what a killed process left of one that it was writing.
  package static func isTemporary(_ name: String) -> Bool {
    guard let mark = name.range(of: temporaryMark, options: .backwards) else { return false }
    let process = name[mark.upperBound...]
    return !process.isEmpty && process.allSatisfy(\.isNumber)
  }

  /// Removes what killed processes left of files that they were writing anywhere below a folder.
  ///
  /// Nobody else may be writing there. Throws `FileError.notWritable`.
  package static func removeTemporaries(below folder: String) throws {
    let files = FileManager.default.enumerator(atPath: folder)
    let left = (files?.compactMap { $0 as? String } ?? []).filter { isTemporary($0) }
    for file in left.sorted() { try DurableFile.remove(folder + "/" + file) }
  }
}
