import Foundation

/// Finds out before the work whether its result can be kept.
package enum OutputCheck {
  /// Throws `FileError.notWritable` where the nearest folder above a file that exists takes no files.
  package static func writable(_ file: String) throws {
    let folder = Folder.nearest(to: (URL(fileURLWithPath: file).path as NSString).deletingLastPathComponent)
    do {
      try DurableFile.probe(folder, bytes: 1)
    } catch FileError.notWritable(_, let reason) {
      throw FileError.notWritable(path: file, reason: reason)
    }
  }
}
