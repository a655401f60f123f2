import Foundation
import Foundations

/// A harmonised case on disk that this process has put or found there.
package struct StoredCase: Sendable {
  package let name: String
  package let path: String

  /// The case, mapped: it takes what is read of it. Throws `FileError.unreadable` where it is gone.
  package func load() throws -> PreparedCase {
    guard let item = CacheEntry.read(path, name: name, checked: false) else {
      throw FileError.unreadable(path: path, reason: "the harmonised case is gone from there")
    }
    return item
  }
}

/// A run's harmonised cases on disk, so that memory holds those of the sites at work and not of all. It goes with the process.
package final class CaseScratch: Sendable {
  package let folder: String
  private let lock: FolderLock?
  /// Folders above it that were not there before, the innermost first.
  private let made: [String]

  /// Makes the folder, empty, and those above it. Throws `FileError.notWritable`; nil where another process uses it.
  package init?(folder: String) throws {
    var missing: [String] = []
    var parent = (folder as NSString).deletingLastPathComponent
    while !parent.isEmpty && !Folder.exists(parent) {
      missing.append(parent)
      parent = (parent as NSString).deletingLastPathComponent
    }
    made = missing
    try Folder.make(folder)
    let (lock, isTaken) = FolderLock.take(folder)
    if isTaken { return nil }
    self.folder = folder
    self.lock = lock
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      try? FileManager.default.removeItem(atPath: folder + "/" + name)
    }
  }

  /// Puts a case down. Not synced: nothing of it is needed by another process. Throws `FileError.notWritable`.
  func put(_ item: PreparedCase, site: String) throws -> StoredCase {
    try Folder.make(folder + "/" + site)
    let path = "\(folder)/\(site)/\(Digest.hex(Digest.sha256(Data(item.name.utf8)))).case"
    do {
      try CacheEntry.bytes(of: item, path: path).write(to: URL(fileURLWithPath: path))
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError.notWritable(path: path, reason: (error as NSError).localizedDescription)
    }
    return StoredCase(name: item.name, path: path)
  }

  /// Removes the folder, and those that were made for it if nothing else is in them.
  package func remove() {
    try? FileManager.default.removeItem(atPath: folder)
    for parent in made { rmdir(parent) }
  }
}
