import Foundation
import Foundations

/// The coordinator's own record of a run: one JSON object a line, only ever appended, synced line by line.
///
/// Every line bears `chain`, `schema_version` and `entry`: `run` first, an `attendance` before and a `round` behind each round,
/// `end` last. A journal without `end` belongs to a run that was killed; a resume cuts it back to what its checkpoint has seen.
/// `chain` comes first, the other keys are sorted: it is the SHA-256 of the line before's and of the line without it, so that no
/// line can be changed, left out or put elsewhere unseen.
package struct RunJournal: Sendable {
  package static let schemaVersion = 1

  package let path: String

  /// Starts a journal. Throws `FileError.alreadyExists` or `.notWritable`.
  package static func create(path: String, header: JournalHeader) throws -> RunJournal {
    guard !FileManager.default.fileExists(atPath: path) else {
      throw FileError.alreadyExists(path: path)
    }
    let journal = RunJournal(path: path)
    try AtomicFile.write(try journal.line(header, behind: ""), to: path)
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
    guard data.starts(with: try journal.line(header, behind: "")) else {
      throw CoordinatorError.otherJournal(path: path)
    }
    return journal
  }

  /// Adds one line and waits until the disk has it. Throws `FileError.notWritable`.
  package func append(_ entry: some Encodable) throws {
    guard let last = try Self.content(path).split(separator: UInt8(ascii: "\n")).last,
      let chain = JournalChain(last)
    else { throw FileError.unreadable(path: path, reason: "its last line is none of a journal") }
    try DurableFile.append(try line(entry, behind: chain.digest), to: path)
  }

  private func line(_ entry: some Encodable, behind previous: String) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return JournalChain.line(try encoder.encode(entry), behind: previous)
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
