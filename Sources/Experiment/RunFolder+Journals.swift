import Coordinator
import Foundations

extension RunFolder {
  /// A journal of a run that came to its end.
  struct Journal {
    let rounds: [RoundRecord]
    let end: JournalEnd
    /// SHA-256 of the last model.
    let digest: String
  }

  /// The coordinator's; of sites that trained alone, each site's. Throws `FileError` where one did not come to its end.
  func journals() throws -> [Journal] {
    try journalFiles().map { path in
      let rounds = try RunJournal.rounds(at: path)
      guard let end = try RunJournal.end(at: path), let last = rounds.last else {
        throw FileError.unreadable(path: path, reason: "not the journal of a run that came to its end")
      }
      return Journal(rounds: rounds, end: end, digest: last.modelDigest)
    }
  }

  /// Where they lie. Throws `FileError`.
  package func journalFiles() throws -> [String] {
    let configuration = try RunConfiguration.read(configuration)
    let folders =
      configuration.mode == .local
      ? configuration.sites.filter { $0 != configuration.holdOut }.map(site) : [coordinator]
    return folders.map { $0 + "/rounds.jsonl" }
  }

  /// Test scores of a run that came to its end, by site. Throws `FileError`.
  func tests() throws -> [SiteScores] { try journals().flatMap(\.end.test).sorted { $0.site < $1.site } }
}
