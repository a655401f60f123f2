import FederationProtocol
import Foundation
import Foundations

/// The coordinator's end of a site that is asked through folders: a request is a file in its inbox, the answer one in its outbox.
///
/// Files appear whole or not at all, and stay until the next request to the site: the same request of a run that was resumed finds
/// its answer. A request that nobody waits for any longer is taken away with the next one.
package struct FolderConnection: WatchedConnection {
  package let site: String
  private let folders: SiteFolders
  private let settlingSeconds: Double
  private let quietSeconds: Double
  private let tell: @Sendable (String) -> Void
  private let shouldStop: @Sendable () -> Bool

  /// `settlingSeconds` is how long a file that is not whole is given to grow; `tell` is given a line where a request has lain for
  /// `quietSeconds` and nobody has begun with it.
  package init(
    site: String, folders: SiteFolders, settlingSeconds: Double = 30, quietSeconds: Double = 60,
    tell: @escaping @Sendable (String) -> Void = { _ in },
    shouldStop: @escaping @Sendable () -> Bool = { Interruption.isRequested }
  ) {
    self.site = site
    self.folders = folders
    self.settlingSeconds = settlingSeconds
    self.quietSeconds = quietSeconds
    self.tell = tell
    self.shouldStop = shouldStop
  }

  /// Waits for as long as it takes. Throws `CancellationError` where the task is cancelled or a stop was asked for (the request
  /// stays), `FolderTransportError` for an answer that cannot be taken, `FileError`.
  package func exchange(
    _ message: [UInt8], started: @escaping @Sendable () -> Void
  ) async throws -> [UInt8] {
    let digest = Digest.sha256(message)
    let name = openName(message, digest)
    try put(message, as: name)
    var polling = Polling()
    var settling = Settling()
    var hasStarted = false
    var isTold = false
    let clock = ContinuousClock()
    let asked = clock.now
    while true {
      if shouldStop() { throw CancellationError() }
      let files = SiteFolders.names(in: folders.outbox) ?? []
      if !hasStarted, files.contains(name.started) || files.contains(name.answer) {
        hasStarted = true
        started()
      }
      if files.contains(name.answer), let answer = try answer(name, digest, &settling) { return answer }
      if !hasStarted && !isTold && clock.now - asked >= .seconds(quietSeconds) {
        isTold = true
        tell(
          "Site \(site): nobody has begun with \(folders.inbox)/\(name.request) for \(Int(quietSeconds)) s; it is waited for. Check "
            + "that segfed site runs there with this inbox, unless it still reads its cases.")
      }
      try await polling.pause()
    }
  }

  /// The first name under which no answer lies that cannot be used.
  private func openName(_ message: [UInt8], _ digest: [UInt8]) -> MessageName {
    let files = SiteFolders.names(in: folders.outbox) ?? []
    var attempt = 1
    while true {
      let name = MessageName(message, attempt: attempt)
      guard files.contains(name.answer), let file = contents(name) else { return name }
      if AnswerFile.isReusable(AnswerFile.content(file, digest: digest)) { return name }
      attempt += 1
    }
  }

  /// Takes earlier requests away, then puts this one down: their answers are not needed any longer.
  private func put(_ message: [UInt8], as name: MessageName) throws {
    try Folder.make(folders.inbox)
    let path = folders.inbox + "/" + name.request
    for file in SiteFolders.names(in: folders.inbox) ?? []
    where file != name.request && MessageName(file: file) != nil {
      try DurableFile.remove(folders.inbox + "/" + file)
    }
    if FileManager.default.contents(atPath: path) == Data(message) { return }
    try AtomicFile.write(message, to: path)
  }

  /// nil while it may still be on its way.
  private func answer(
    _ name: MessageName, _ digest: [UInt8], _ settling: inout Settling
  ) throws -> [UInt8]? {
    guard let file = contents(name) else { return nil }
    let path = folders.outbox + "/" + name.answer
    switch AnswerFile.content(file, digest: digest) {
    case .whole(let answer): return answer
    case .foreign(let found):
      throw FolderTransportError.foreignAnswer(
        site: site, path: path, found: found, expected: AnswerFile.short(digest))
    case .notWhole(let found):
      guard settling.isSettled(name.answer, size: file.count, seconds: settlingSeconds) else { return nil }
      throw FolderTransportError.notWhole(
        site: site, path: path, found: found, expected: "a whole answer with its SHA-256")
    }
  }

  private func contents(_ name: MessageName) -> Data? {
    FileManager.default.contents(atPath: folders.outbox + "/" + name.answer)
  }
}
