import Foundation
import Foundations

/// The coordinator's own record of a run: one JSON object a line, only ever appended, synced line by line.
///
/// Keys are sorted. Every line bears `schema_version` and `entry`: `run` first, a `round` for each round,
/// `end` last. A journal without `end` belongs to a run that was killed; a resume cuts it back to what its checkpoint has seen.
package struct RunJournal: Sendable {
  package static let schemaVersion = 1

  package let path: String

  /// Starts a journal. Throws `FileError.alreadyExists` or `.notWritable`.
  package static func create(path: String, header: JournalHeader) throws -> RunJournal {
    guard !FileManager.default.fileExists(atPath: path) else {
      throw FileError.alreadyExists(path: path)
    }
    let journal = RunJournal(path: path)
    try AtomicFile.write(try journal.line(header), to: path)
    return journal
  }

  /// The journal that a killed run left, or a new one if it had not come so far.
  ///
  /// Throws `CoordinatorError.otherJournal` where it is another run's.
  package static func resume(path: String, header: JournalHeader) throws -> RunJournal {
    guard let data = FileManager.default.contents(atPath: path) else {
      return try create(path: path, header: header)
    }
    let journal = RunJournal(path: path)
    guard data.starts(with: try journal.line(header)) else {
      throw CoordinatorError.otherJournal(path: path)
    }
    return journal
  }

  /// Adds one line and waits until the disk has it. Throws `FileError.notWritable`.
  package func append(_ entry: some Encodable) throws {
    try DurableFile.append(try line(entry), to: path)
  }

  private func line(_ entry: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return try encoder.encode(entry) + Data("\n".utf8)
    } catch {
      throw FileError.notWritable(path: path, reason: "a number that is not finite")
    }
  }
}

/// A journal's first line.
package struct JournalHeader: Sendable, Equatable, Codable {
  package var entry = "run"
  package var schemaVersion = RunJournal.schemaVersion
  package let runID: String
  /// SHA-256 of the resolved configuration, in hexadecimal.
  package let configDigest: String
  package let planDigest: String
  package let studyDigest: String
  /// With all of its parameters.
  package let strategy: String
  package let numerics: Numerics

  package init(
    settings: FederationSettings, strategy: StrategyChoice, configDigest: String, numerics: Numerics
  ) {
    runID = settings.identity.runID
    self.configDigest = configDigest
    planDigest = Digest.hex(settings.identity.planDigest)
    studyDigest = Digest.hex(settings.identity.studyDigest)
    self.strategy = strategy.description
    self.numerics = numerics
  }

  private enum CodingKeys: String, CodingKey {
    case entry
    case schemaVersion = "schema_version"
    case runID = "run_id"
    case configDigest = "config_digest"
    case planDigest = "plan_digest"
    case studyDigest = "study_digest"
    case strategy
    case numerics
  }
}
