import Foundation
import Foundations

/// The two folders between the coordinator and one site. Each has one writer: the coordinator writes and removes in the inbox,
/// the site in the outbox, so that a tool or a courier that copies either has nothing to decide.
package struct SiteFolders: Sendable, Equatable {
  package static let announcementName = "run.json"
  package static let stopName = "stop"

  /// What the site is asked.
  package let inbox: String
  /// What it answers.
  package let outbox: String

  package init(inbox: String, outbox: String) {
    (self.inbox, self.outbox) = (inbox, outbox)
  }

  /// Those of a site in a folder of all sites' folders.
  package init(exchange: String, site: String) {
    self.init(inbox: "\(exchange)/\(site)/inbox", outbox: "\(exchange)/\(site)/outbox")
  }

  package var announcementPath: String { inbox + "/" + Self.announcementName }

  /// Throws `FileError.notWritable`.
  package func make() throws {
    try Folder.make(inbox)
    try Folder.make(outbox)
  }

  /// The coordinator: says what the run is, before its first request. `clearing` removes what an earlier run asked.
  package func announce(_ run: Data, clearing: Bool) throws {
    if clearing { try removeRequests() }
    try AtomicFile.write(run, to: announcementPath)
    // Last: a site that waits must not take the earlier run for one that is under way.
    try DurableFile.remove(inbox + "/" + Self.stopName)
  }

  /// The coordinator: says that a run has come to its end.
  package func stop(runID: String) throws {
    try removeRequests()
    try AtomicFile.write(runID + "\n", to: inbox + "/" + Self.stopName)
  }

  /// The site: the bytes that say what the run is; nil where nothing says so yet.
  package func announcement() -> Data? { FileManager.default.contents(atPath: announcementPath) }

  /// The site: the run that has come to its end.
  package func stoppedRun() -> String? {
    FileManager.default.contents(atPath: inbox + "/" + Self.stopName).map {
      String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }

  private func removeRequests() throws {
    for file in Self.names(in: inbox) ?? [] where MessageName(file: file) != nil {
      try DurableFile.remove(inbox + "/" + file)
    }
  }

  /// Names of the files in a folder; nil where it cannot be listed now. Listing makes a network drive look again.
  static func names(in folder: String) -> Set<String>? {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)).map { Set($0) }
  }
}
