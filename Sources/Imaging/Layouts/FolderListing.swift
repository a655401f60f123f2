import Foundation
import Foundations

/// What lies in a folder, hidden entries left out.
enum FolderListing {
  /// Names, sorted by Unicode scalars (the same everywhere). Throws `FileError` or `ImagingError.notFolder`.
  static func entries(of folder: String) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else {
      throw FileError.notFound(path: folder)
    }
    guard isFolder.boolValue else { throw ImagingError.notFolder(path: folder) }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
        .sorted()
    } catch {
      throw FileError.unreadable(path: folder, reason: "the folder cannot be listed")
    }
  }

  /// Names of the folders in it. Throws as `entries`.
  static func subfolders(of path: String) throws -> [String] {
    try entries(of: path).filter { Folder.exists(path + "/" + $0) }
  }

  /// A path's last name.
  static func name(of path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
  }

  /// A file's text. Throws `FileError`.
  static func text(of path: String) throws -> String {
    guard FileManager.default.fileExists(atPath: path) else { throw FileError.notFound(path: path) }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw FileError.unreadable(path: path, reason: "it is not text in UTF-8")
    }
    return text
  }
}
