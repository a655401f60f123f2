import Foundation
import Foundations
import Harmonization
import Training

/// A study that all sites have the same of: the canonical form, written down with its SHA-256.
///
/// The canonical form holds the plan's contents too, not its file's name alone. The lock lies beside the study as `<file>.lock`.
package struct LockedStudy: Sendable, Equatable {
  /// The study's file, for messages.
  package let path: String
  package let file: StudyFile
  /// The plan with the study's definitions in it.
  package let plan: PlanFile
  /// SHA-256 of the canonical form, hexadecimal.
  package let digest: String

  private struct Canonical: Codable {
    var study: StudyFile
    var plan: PlanFile
  }

  private struct Lock: Codable {
    var schemaVersion: Int
    var sha256: String
    var study: StudyFile
    var plan: PlanFile

    enum CodingKeys: String, CodingKey {
      case schemaVersion = "schema_version"
      case sha256, study, plan
    }
  }

  package static func lockPath(of path: String) -> String { path + ".lock" }

  /// A study as it is, locked or not. Throws `FileError`, `StudyError`, `PlanError`.
  package static func draft(_ path: String) throws -> LockedStudy {
    let file = try StudyFile.read(path)
    let plan = try file.planFile(beside: path)
    // A plan is checked as a whole only where data are; what no digest can be made of shows here.
    guard (try? JSONEncoder().encode(plan)) != nil else {
      throw StudyError.field(
        path: path, field: "training.plan", found: "a plan with a number that is not finite",
        expected: "finite numbers")
    }
    return LockedStudy(
      path: path, file: file, plan: plan,
      digest: Digest.hex(Canonical(study: file, plan: plan).canonicalDigest))
  }

  /// A study that was locked and is as it was then.
  ///
  /// Throws `FileError`, `PlanError`, and `StudyError.notLocked`, `.damagedLock`, or `.changed` naming every field.
  package static func read(_ path: String) throws -> LockedStudy {
    let study = try draft(path)
    guard FileManager.default.fileExists(atPath: lockPath(of: path)) else {
      throw StudyError.notLocked(path: path)
    }
    let changes = try study.changes()
    guard changes.isEmpty else {
      throw StudyError.changed(path: path, lock: lockPath(of: path), fields: changes)
    }
    return study
  }

  /// Writes the canonical form and its digest beside the study. A study that was locked otherwise is not locked again without
  /// `force`.
  ///
  /// Throws `FileError.notWritable`, `StudyError.changed`, `.damagedLock`.
  package func lock(force: Bool) throws {
    let lock = Self.lockPath(of: path)
    if !force && FileManager.default.fileExists(atPath: lock) {
      let changes = try changes()
      if changes.isEmpty { return }
      throw StudyError.changed(path: path, lock: lock, fields: changes)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    guard
      let data = try? encoder.encode(
        Lock(schemaVersion: StudyFile.schemaVersion, sha256: digest, study: file, plan: plan))
    else { throw FileError.notWritable(path: lock, reason: "a number that JSON cannot hold") }
    try AtomicFile.write(data + Data("\n".utf8), to: lock)
  }

  /// What the study has otherwise than its lock. Throws `StudyError.damagedLock`.
  private func changes() throws -> [JSONDifference] {
    let path = Self.lockPath(of: path)
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileError.unreadable(path: path, reason: "not a readable file")
    }
    let lock: Lock
    do { lock = try JSONDecoder().decode(Lock.self, from: data) } catch {
      throw StudyError.damagedLock(path: path, reason: "is not a study's lock")
    }
    let found = Digest.hex(Canonical(study: lock.study, plan: lock.plan).canonicalDigest)
    guard found == lock.sha256 else {
      throw StudyError.damagedLock(path: path, reason: "its contents do not have the SHA-256 that it names")
    }
    if lock.sha256 == digest { return [] }
    func object(_ value: Canonical) throws -> Any {
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(value))
    }
    let differences = try JSONDifference.all(
      object(Canonical(study: file, plan: plan)), object(Canonical(study: lock.study, plan: lock.plan)))
    return Self.withoutRepeats(differences)
  }

  /// A study's definitions stand in its plan too: what was changed there with them is told once.
  private static func withoutRepeats(_ differences: [JSONDifference]) -> [JSONDifference] {
    let own = differences.filter { $0.path.first == "study" }.map {
      JSONDifference(path: Array($0.path.dropFirst()), found: $0.found, expected: $0.expected)
    }
    return own
      + differences.filter { item in
        item.path.first == "plan"
          && !own.contains { $0.found == item.found && $0.expected == item.expected }
      }
  }
}

extension StudyFile {
  /// The plan that the study names, with the study's definitions put in. A file of the plan's may say the same, not otherwise.
  ///
  /// Throws `FileError`, `PlanError`, `StudyError.field`.
  func planFile(beside path: String) throws -> PlanFile {
    let folder = (path as NSString).deletingLastPathComponent
    let beside = folder.isEmpty || training.plan.hasPrefix("/") ? training.plan : folder + "/" + training.plan
    let isFile = FileManager.default.fileExists(atPath: beside) && !Folder.exists(beside)
    let (given, name) = try Self.naming(path, "training.plan") {
      try BuiltInPlans.find(isFile ? beside : training.plan)
    }
    func check<Value: Equatable>(_ field: String, _ plan: Value?, _ own: Value) throws {
      guard let plan, plan != own else { return }
      throw StudyError.field(
        path: path, field: "training.plan (\(name)), \(field)", found: "another value than the study's",
        expected: "the same, or none: the study defines it")
    }
    try check("labels", given.labels, labels)
    try check("regions", given.regions, regions)
    try check("contrasts", given.contrasts, features.contrasts)
    var plan = given
    (plan.labels, plan.regions, plan.contrasts) = (labels, regions, features.contrasts)
    if let spacing = features.spacing {
      try check("spacing", given.spacing, spacing)
      plan.spacing = spacing
    }
    plan.harmonisation = (given.harmonisation ?? HarmonizationChoice()).overridden(by: features.harmonisation)
    plan.split = split
    plan.rounds = training.rounds
    if let steps = training.localSteps { plan.localSteps = steps }
    return plan
  }
}
