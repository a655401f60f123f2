import Foundation
import Foundations
import Yams

/// Several runs that belong together: folds, seeds, or the cells of a sweep.
struct StudyParts: Sendable {
  struct Part: Sendable {
    let name: String
    let status: RunStatus?
    /// For a sweep's run that came to its end and whose folder may be gone: Dice on its test cases.
    var testDice: Double?
    /// Why it did not come to its end.
    var failure: String?
    /// How many runs of its own it has, and how many of them are whole; nil: it is a single run.
    var inner: (whole: Int, all: Int)?
    var state: RunStatus.State
  }

  /// What the parts are: `folds`, `seeds` or `runs`.
  let kind: String
  let state: RunStatus.State
  let parts: [Part]
  /// Whether the command that began it goes on of itself, or needs `--resume`.
  let needsResume: Bool

  var whole: Int { parts.count { $0.state == .finished } }

  // MARK: - Cross-validation

  /// The folds of `loso` or `kfold`; nil where the folder has none. Throws as `RunStatus`.
  static func folds(_ folder: RunFolder) throws -> StudyParts? {
    let path = folder.path + "/folds"
    guard Folder.exists(path) else { return nil }
    // Before what follows: a study that ends in between is whole, and not killed.
    let isHeld = FolderLock.isHeld(folder.path)
    let configuration = try RunConfiguration.read(folder.configuration)
    let begun = Folder.names(path).filter {
      FileManager.default.fileExists(atPath: "\(path)/\($0)/config.yaml")
    }
    let first = try begun.first.map { try RunConfiguration.read("\(path)/\($0)/config.yaml") }
    let names = first?.fold.map { fold in (1...fold.count).map { "fold-\($0)" } } ?? configuration.sites
    let parts = try names.map { name -> Part in
      guard begun.contains(name) else {
        return Part(name: name, status: RunStatus(waiting: configuration), state: .waits)
      }
      let status = try RunStatus(RunFolder(path: "\(path)/\(name)"))
      return Part(name: name, status: status, state: status.state)
    }
    let isWhole = ["loso.json", "kfold.json"].contains {
      FileManager.default.fileExists(atPath: folder.path + "/" + $0)
    }
    return StudyParts(
      kind: "folds", state: state(parts, isWhole: isWhole, isHeld: isHeld), parts: parts, needsResume: true)
  }

  private static func state(_ parts: [Part], isWhole: Bool, isHeld: Bool) -> RunStatus.State {
    if isWhole { return .finished }
    if isHeld || parts.contains(where: { $0.state == .goesOn }) { return .goesOn }
    return parts.contains { $0.state == .stopped } ? .stopped : .killed
  }

  // MARK: - Seeds

  /// The runs of each seed; nil where the folder has none. Throws as `RunStatus`.
  static func seeds(_ path: String) throws -> StudyParts? {
    let names = Folder.names(path).filter { $0.hasPrefix("seed-") && Int($0.dropFirst(5)) != nil }
      .sorted { (Int($0.dropFirst(5)) ?? 0) < (Int($1.dropFirst(5)) ?? 0) }
    if names.isEmpty { return nil }
    let parts = try names.map { name -> Part in
      let folder = RunFolder(path: path + "/" + name)
      guard FileManager.default.fileExists(atPath: folder.configuration) else {
        return Part(name: name, status: nil, state: FolderLock.isHeld(folder.path) ? .goesOn : .killed)
      }
      if let folds = try folds(folder) {
        let inner = (folds.whole, folds.parts.count)
        return Part(name: name, status: nil, inner: inner, state: folds.state)
      }
      let status = try RunStatus(folder)
      return Part(name: name, status: status, state: status.state)
    }
    let isWhole = FileManager.default.fileExists(atPath: path + "/seeds.json")
    return StudyParts(
      kind: "seeds", state: state(parts, isWhole: isWhole, isHeld: false), parts: parts, needsResume: true)
  }

  // MARK: - Sweeps

  /// The runs of a sweep's grid; nil where the folder is none's. Throws `StatusError.newer`, `FileError`, and as `RunStatus`.
  static func sweep(_ path: String) throws -> StudyParts? {
    let description = path + "/sweep.yaml"
    guard let text = FileManager.default.contents(atPath: description) else { return nil }
    let version = (try? YAMLDecoder().decode(SchemaVersion.self, from: text))?.schemaVersion
    if let version, version > SweepFile.schemaVersion {
      throw StatusError.newer(path: description, found: version, expected: SweepFile.schemaVersion)
    }
    guard let file = try? YAMLDecoder().decode(SweepFile.self, from: text) else {
      throw FileError.unreadable(path: description, reason: "not a sweep's description")
    }
    let isHeld = FolderLock.isHeld(path)
    let results = FileManager.default.contents(atPath: path + "/results.jsonl").map { lines in
      lines.split(separator: UInt8(ascii: "\n")).compactMap {
        try? JSONDecoder().decode(SweepResult.self, from: Data($0))
      }
    }
    let parts = try file.cells.map { cell -> Part in
      if let result = results?.last(where: { $0.cell == cell }) {
        return Part(
          name: cell.title, status: nil, testDice: result.mean, failure: result.failure, state: .finished)
      }
      let folder = RunFolder(path: "\(path)/runs/\(cell.folder)")
      guard FileManager.default.fileExists(atPath: folder.configuration) else {
        return Part(name: cell.title, status: nil, state: FolderLock.isHeld(folder.path) ? .goesOn : .waits)
      }
      let status = try RunStatus(folder)
      // What is left is to test it and to keep its line.
      return Part(name: cell.title, status: status, state: status.state == .finished ? .goesOn : status.state)
    }
    let isWhole = parts.allSatisfy { $0.state == .finished }
    return StudyParts(
      kind: "runs", state: state(parts, isWhole: isWhole, isHeld: isHeld), parts: parts,
      needsResume: false)
  }
}

private struct SchemaVersion: Decodable {
  let schemaVersion: Int

  enum CodingKeys: String, CodingKey { case schemaVersion = "schema_version" }
}

extension Folder {
  /// What lies in a folder, sorted; nothing where it cannot be read.
  fileprivate static func names(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
