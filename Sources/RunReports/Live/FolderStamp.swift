import Foundation
import Foundations

/// What tells whether a run's folder has changed, without reading a file of it.
struct FolderStamp: Equatable {
  /// Folders that grow while a round goes on, and that no report reads.
  private static let passedOver: Set<String> = ["checkpoints", "kept", "figures"]

  /// Size and time of each file, and whether a process works in the folders that are runs.
  private var marks: [String: [Double]] = [:]

  init(_ path: String) {
    let root = URL(fileURLWithPath: path)
    let keys: Set<URLResourceKey> = [.isDirectoryKey, .fileSizeKey, .contentModificationDateKey]
    let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: Array(keys))
    while let file = files?.nextObject() as? URL {
      guard let values = try? file.resourceValues(forKeys: keys) else { continue }
      if values.isDirectory == true {
        if Self.passedOver.contains(file.lastPathComponent) { files?.skipDescendants() }
        continue
      }
      if file.lastPathComponent == "report.html" { continue }
      marks[file.path] = [
        Double(values.fileSize ?? 0), values.contentModificationDate?.timeIntervalSinceReferenceDate ?? 0,
      ]
      if file.lastPathComponent == "config.yaml" {
        let folder = file.deletingLastPathComponent().path
        marks[folder] = [FolderLock.isHeld(folder) ? 1 : 0]
      }
    }
  }
}
