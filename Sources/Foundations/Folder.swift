import Foundation

/// Folders on disk.
package enum Folder {
  /// Makes a folder with those above it; one that is there already stays. Throws `FileError.notWritable`.
  package static func make(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileError.notWritable(path: path, reason: (error as NSError).localizedDescription)
    }
  }

  /// Where a path leads, links followed: equal for two ways of writing it.
  package static func place(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// The path itself where something is there, else the nearest above it that exists.
  package static func nearest(to path: String) -> String {
    var path = URL(fileURLWithPath: path).path
    while path != "/", !FileManager.default.fileExists(atPath: path) {
      path = (path as NSString).deletingLastPathComponent
    }
    return path
  }

  /// Whether a folder, and no file, is there; links are followed.
  package static func exists(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
