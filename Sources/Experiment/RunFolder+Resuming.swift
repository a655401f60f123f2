import Foundation
import Foundations
import Interchange
import Site
import Training

extension RunFolder {
  /// The folder for this process alone; nil where it is not there yet. Throws `ExperimentError.runIsUsed`.
  func lock() throws -> FolderLock? {
    let (lock, isTaken) = FolderLock.take(path)
    if isTaken { throw ExperimentError.runIsUsed(path: path) }
    return lock
  }

  /// What an earlier process began here; nil where none did. Throws as `RunConfiguration.read` does.
  func begun() throws -> RunConfiguration? {
    guard FileManager.default.fileExists(atPath: configuration) else { return nil }
    return try RunConfiguration.read(configuration)
  }

  /// Says so where a run that is to be resumed is whole already, after removing what a kill in its last moments left.
  ///
  /// `document` is written last in such a run. Throws `FileError`, `ExperimentError.runIsUsed`, and `.otherSettings` where the run that
  /// is whole is not the one that is asked for.
  func tellsFinished(_ document: String, of request: RunRequest, console: Console) throws -> Bool {
    guard FileManager.default.fileExists(atPath: configuration),
      let result = FileManager.default.contents(atPath: document)
    else { return false }
    try checkIsAskedFor(request)
    let lock = try lock()
    try AtomicFile.removeTemporaries(below: path)
    try removeCheckpoints()
    withExtendedLifetime(lock) {}
    console.print(
      console.isJSON
        ? String(decoding: result, as: UTF8.self)
        : "\(document): the run is whole, there is nothing to resume.")
    return true
  }

  /// Throws `ExperimentError.otherSettings` where a run that is whole had other settings, as far as they are known without its data. On
  /// which machine it was run does not matter any more.
  func checkIsAskedFor(_ request: RunRequest) throws {
    let earlier = try RunConfiguration.read(configuration)
    if let file = request.plan, let name = try? BuiltInPlans.find(file).plan.name, name != earlier.plan.name {
      throw ExperimentError.otherSettings(
        path: configuration, field: "plan, name", found: name, expected: earlier.plan.name)
    }
    var asked = RunConfiguration(
      request, plan: earlier.plan, sites: earlier.sites, tuning: nil,
      recomputed: earlier.memory?.recomputedLayers ?? [])
    (asked.numerics, asked.tuningDigest) = (earlier.numerics, earlier.tuningDigest)
    try asked.checkContinues(earlier, path: configuration, ignoringAtlas: true)
  }

  /// Throws `ExperimentError.notARun` for a folder that no run was begun in.
  func checkResumable() throws {
    let found = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    if found.contains("config.yaml") { return }
    // What may be there before a run's configuration is.
    let early = found.filter { !AtomicFile.isTemporary($0) && $0 != "tuning.yaml" && $0 != ".segfed-probe" }
    guard early.isEmpty else { throw ExperimentError.notARun(path: path) }
  }

  /// Removes the checkpoints of coordinator and sites, which a run that is whole does not need. Throws `FileError.notWritable`.
  func removeCheckpoints() throws {
    for folder in [coordinator] + sites.map(site) {
      try CheckpointStore.removeAll(in: folder + "/checkpoints")
    }
  }

  /// Writes which of a site's cases are in which part, or compares with what an earlier process wrote.
  ///
  /// Throws `FileError.notWritable`, `ExperimentError.otherData`.
  func write(_ cases: SiteCases, isHeldOut: Bool, resuming: Bool) throws {
    var document = CSVDocument(columns: ["case", "part", "scan", "labels"])
    for row in cases.rows(isHeldOut: isHeldOut) { document.add(row) }
    let text = document.rendered()
    let file = site(cases.name) + "/cases.csv"
    if resuming, let earlier = FileManager.default.contents(atPath: file) {
      let rows = String(decoding: earlier, as: UTF8.self)
      if rows != text { try refuse(rows, text, file) }
      return
    }
    try AtomicFile.write(text, to: file)
  }

  /// Names the first case that differs.
  private func refuse(_ earlier: String, _ now: String, _ file: String) throws {
    func lines(_ text: String) -> [[String]] {
      text.split(whereSeparator: \.isNewline).dropFirst().map { $0.split(separator: ",").map(String.init) }
    }
    let (expected, found) = (lines(earlier), lines(now))
    for index in 0..<max(expected.count, found.count) {
      let (old, new) = (expected.dropFirst(index).first, found.dropFirst(index).first)
      guard let old, let new, old.count == new.count, old[0] == new[0] else {
        throw ExperimentError.otherData(
          path: file, case: old?[0] ?? new?[0] ?? "", field: "the place", found: new?[0] ?? "missing",
          expected: old?[0] ?? "missing")
      }
      for (field, pair) in zip(["name", "part", "the scan's digest", "the labels' digest"], zip(old, new))
      where pair.0 != pair.1 {
        throw ExperimentError.otherData(
          path: file, case: old[0], field: field, found: pair.1, expected: pair.0)
      }
    }
  }
}

extension SiteCases {
  /// Name, part and digests of each case.
  fileprivate func rows(isHeldOut: Bool) -> [[String]] {
    records.indices.map { index in
      let record = records[index]
      return [
        record.name, isHeldOut ? "test" : split.part(of: index) ?? "none",
        ContentHash.text(record.contentHash), String((record.labelsDigest ?? "").prefix(16)),
      ]
    }
  }
}
