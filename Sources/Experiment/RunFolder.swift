import Foundation
import Foundations
import Harmonization
import Imaging
import Reporting
import Training

/// A run on disk, with the wall in it: `coordinator/` and `sites/<name>/`, each of use without the other.
package struct RunFolder: Sendable {
  package let path: String

  package init(path: String) { self.path = path }

  package var configuration: String { path + "/config.yaml" }
  /// The tuning table's canonical form, where the run was given one.
  package var tuning: String { path + "/tuning.yaml" }
  package var coordinator: String { path + "/coordinator" }
  package var metrics: String { path + "/metrics.json" }

  package func site(_ name: String) -> String { path + "/sites/" + name }

  /// Whether `create` may use the folder; touches nothing, so that a run can ask before it reads its data.
  ///
  /// Throws `FileError.alreadyExists`, or with `force` `ExperimentError.notARun` for anything but a run.
  package func checkAvailable(force: Bool) throws {
    let found = contents
    if found.isEmpty {
      if Folder.exists(path) || !FileManager.default.fileExists(atPath: path) { return }
      throw FileError.notWritable(path: path, reason: "it is a file, not a folder")
    }
    guard force else { throw FileError.alreadyExists(path: path) }
    guard found.contains("config.yaml") else { throw ExperimentError.notARun(path: path) }
  }

  /// Makes the folder, empty. With `force` an earlier run there is removed, when `resuming` what a process left that was killed
  /// before its run was begun; anything else never is.
  ///
  /// `room` is how many bytes the folder must be able to take.
  /// Throws `FileError` or `ExperimentError.notARun`; a folder that it made is removed again then.
  package static func create(
    _ path: String, force: Bool, resuming: Bool = false, room: Int = 0
  ) throws -> RunFolder {
    let folder = RunFolder(path: path)
    try resuming ? folder.checkResumable() : folder.checkAvailable(force: force)
    let manager = FileManager.default
    let isNew = !manager.fileExists(atPath: path)
    let found = folder.contents
    do {
      // What ends a run goes first: a half-removed run must not look finished. What says that it is one goes last.
      let others = found.filter { $0 != "config.yaml" }.sorted()
      let order = ["metrics.json", "loso.json", "kfold.json", "metrics.csv"] + others + ["config.yaml"]
      for name in order where found.contains(name) {
        let item = path + "/" + name
        if manager.fileExists(atPath: item) { try manager.removeItem(atPath: item) }
      }
      try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
      try folder.probe(room: room)
    } catch {
      if isNew { try? manager.removeItem(atPath: path) }
      if let error = error as? FileError { throw error }
      throw FileError.notWritable(path: path, reason: (error as NSError).localizedDescription)
    }
    return folder
  }

  private var contents: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

  /// Finds out before the work whether the folder takes files, and as many bytes.
  private func probe(room: Int) throws {
    do {
      try DurableFile.probe(path, bytes: max(1, room))
    } catch FileError.notWritable(_, let reason) {
      throw FileError.notWritable(path: path, reason: reason)
    }
  }

  /// Writes what fixes the run: settings, and the tuning table where there is one. Throws `FileError.notWritable`.
  func write(_ configuration: RunConfiguration, tuning: TuningTable?) throws {
    if let tuning { try AtomicFile.write(tuning.canonicalText, to: self.tuning) }
    try configuration.write(to: self.configuration)
  }

  /// Writes the atlas that the sites agreed on. Throws `FileError.notWritable`.
  func write(_ atlas: IntensityAtlas) throws {
    try Folder.make(coordinator)
    try atlas.write(to: coordinator + "/atlas.json")
  }

  /// Writes which of a site's cases were left out, and why, where there are any. Throws `FileError.notWritable`.
  func write(_ skipped: [SkippedCase], of site: String) throws {
    if skipped.isEmpty { return }
    var document = CSVDocument(columns: ["case", "reason"])
    for item in skipped { document.add([item.name, item.reason]) }
    try AtomicFile.write(document.rendered(), to: self.site(site) + "/skipped.csv")
  }

  package func makeSiteFolder(_ name: String) throws {
    try Folder.make(site(name))
  }
}

extension [SkippedCase] {
  /// How many at each site, by name.
  var counts: [SkippedCount] {
    Dictionary(grouping: self, by: \.site).map { SkippedCount(site: $0.key, cases: $0.value.count) }
      .sorted { $0.site < $1.site }
  }
}
