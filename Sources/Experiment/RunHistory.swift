import Foundation
import Foundations

/// `history.json`: which processes worked on a run, by which command, on what machine, when and for how long.
///
/// For reports; nothing depends on it, and it is no part of what a resumed run has in common with an uninterrupted one.
package struct RunHistory: Sendable, Equatable, Codable {
  package static let schemaVersion = 1

  package struct Session: Sendable, Equatable, Codable {
    package let command: [String]
    package let version: String
    package let machine: String
    package let threads: Int
    /// ISO 8601, UTC.
    package let started: String
    /// What the study asks; nil without one.
    package let question: String?
    /// Of wall time; nil: the process was killed.
    package fileprivate(set) var seconds: Double?
  }

  private let schemaVersion: Int
  package private(set) var sessions: [Session]

  private enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case sessions
  }

  package static func path(_ folder: RunFolder) -> String { folder.path + "/history.json" }

  /// nil where there is none, or none that can be read: a report goes without.
  package static func read(_ folder: RunFolder) -> RunHistory? {
    FileManager.default.contents(atPath: path(folder)).flatMap {
      try? JSONDecoder().decode(RunHistory.self, from: $0)
    }
  }

  /// Begins this process' session. Throws `FileError.notWritable`.
  static func begin(in folder: RunFolder, threads: Int, question: String?) throws {
    let earlier = read(folder).map(\.sessions) ?? []
    let session = Session(
      command: ["segfed"] + CommandLine.arguments.dropFirst(), version: Release.version,
      machine: MachineDescription.current.summary, threads: threads, started: Date().formatted(.iso8601),
      question: question, seconds: nil)
    try RunHistory(schemaVersion: schemaVersion, sessions: earlier + [session]).write(to: folder)
  }

  /// Ends it, after so many seconds. Throws `FileError.notWritable`.
  static func end(in folder: RunFolder, seconds: Double) throws {
    guard var history = read(folder), !history.sessions.isEmpty else { return }
    history.sessions[history.sessions.count - 1].seconds = seconds
    try history.write(to: folder)
  }

  private func write(to folder: RunFolder) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { preconditionFailure("a history that JSON cannot hold") }
    try AtomicFile.write(data, to: Self.path(folder))
  }

  /// Wall time in all; nil where a process was killed, whose time is not known.
  package var seconds: Double? {
    sessions.allSatisfy { $0.seconds != nil } ? sessions.reduce(0) { $0 + ($1.seconds ?? 0) } : nil
  }
}
