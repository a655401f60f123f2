import Foundation
import Foundations

/// A run on disk, with the wall in it: `coordinator/` and `sites/<name>/`, each of use without the other.
package struct RunFolder: Sendable {
  package let path: String

  package var configuration: String { path + "/config.yaml" }
  package var coordinator: String { path + "/coordinator" }
  package var metrics: String { path + "/metrics.json" }

  package func site(_ name: String) -> String { path + "/sites/" + name }

  /// Makes the folder, empty. With `force` an earlier run there is removed; anything else never is.
  ///
  /// Throws `FileError` or `ExperimentError.notARun`.
  package static func create(_ path: String, force: Bool) throws -> RunFolder {
    let folder = RunFolder(path: path)
    let manager = FileManager.default
    let found = (try? manager.contentsOfDirectory(atPath: path)) ?? []
    if !found.isEmpty {
      guard force else { throw FileError.alreadyExists(path: path) }
      guard found.contains("config.yaml") else { throw ExperimentError.notARun(path: path) }
    }
    do {
      // What ends a run goes first: a half-removed run must not look finished.
      for name in ["metrics.json", "loso.json", "metrics.csv"] + found where found.contains(name) {
        let item = path + "/" + name
        if manager.fileExists(atPath: item) { try manager.removeItem(atPath: item) }
      }
      try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileError.notWritable(path: path, reason: (error as NSError).localizedDescription)
    }
    try folder.probe()
    return folder
  }

  /// Finds out before the work whether the folder takes files.
  private func probe() throws {
    let file = path + "/.probe"
    try AtomicFile.write("segfed", to: file)
    try? FileManager.default.removeItem(atPath: file)
  }

  package func makeSiteFolder(_ name: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: site(name), withIntermediateDirectories: true)
    } catch {
      throw FileError.notWritable(path: site(name), reason: (error as NSError).localizedDescription)
    }
  }
}
