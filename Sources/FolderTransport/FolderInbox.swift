import FederationProtocol
import Foundation
import Foundations

/// The site's end: takes the oldest request that has no answer, says that it has started, and puts the answer down.
///
/// A site that was killed finds its request where it was and answers it when it is started again.
package struct FolderInbox: Sendable {
  private let folders: SiteFolders
  /// Whose requests are served.
  private let codec: EnvelopeCodec
  private let archive: String?
  private let settlingSeconds: Double
  private let shouldStop: @Sendable () -> Bool
  private let tell: @Sendable (String) -> Void

  /// `archive` is a folder of the site's own that keeps a copy of everything that crosses. `tell` is given a line for each request
  /// that is served, or left where it is.
  package init(
    folders: SiteFolders, codec: EnvelopeCodec, archive: String? = nil, settlingSeconds: Double = 30,
    shouldStop: @escaping @Sendable () -> Bool = { Interruption.isRequested },
    tell: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.folders = folders
    self.codec = codec
    self.archive = archive
    self.settlingSeconds = settlingSeconds
    self.shouldStop = shouldStop
    self.tell = tell
  }

  private struct Request {
    let name: MessageName
    let bytes: [UInt8]
    let header: EnvelopeHeader
  }

  /// Serves requests with `site` until `isOver`, which is asked before each.
  ///
  /// Throws `CancellationError` where a stop was asked for, also during a request, which then has no answer and is served another
  /// time; `FileError`, and what `site` throws but `ProtocolError`: that becomes a refusal.
  package func serve(_ site: any SiteConnection, until isOver: () throws -> Bool) async throws {
    var polling = Polling()
    var unfit = Unfit(seconds: settlingSeconds)
    while true {
      if shouldStop() { throw CancellationError() }
      try sweep()
      let request = try next(&unfit)
      // Asked once the request is there: what it belongs to was announced before it.
      if try isOver() {
        try sweep()
        return
      }
      guard let request else {
        try await polling.pause()
        continue
      }
      try AtomicFile.write("started\n", to: folders.outbox + "/" + request.name.started)
      tell("round \(request.header.round): \(request.header.kind.label)")
      let answer = try await answer(request, site)
      // Work that was broken off is no answer.
      if shouldStop() { throw CancellationError() }
      try put(answer, to: request)
      polling = Polling()
    }
  }

  private func answer(_ request: Request, _ site: any SiteConnection) async throws -> [UInt8] {
    do {
      return try await site.exchange(request.bytes)
    } catch let error as ProtocolError {
      return try codec.seal(WireRefusal(error.description), round: request.header.round)
    }
  }

  private func put(_ answer: [UInt8], to request: Request) throws {
    let file = AnswerFile.data(answer, to: request.bytes)
    if let archive {
      try Folder.make(archive)
      try AtomicFile.write(request.bytes, to: archive + "/" + request.name.request)
      try AtomicFile.write(file, to: archive + "/" + request.name.answer)
    }
    try AtomicFile.write(file, to: folders.outbox + "/" + request.name.answer)
  }

  /// Removes answers and marks whose request the coordinator has taken away.
  private func sweep() throws {
    guard let asked = SiteFolders.names(in: folders.inbox) else { return }
    for file in SiteFolders.names(in: folders.outbox) ?? [] {
      if let request = MessageName.request(behind: file), !asked.contains(request) {
        try DurableFile.remove(folders.outbox + "/" + file)
      }
    }
  }

  /// The oldest request that has no answer, is whole and is of this run.
  private func next(_ unfit: inout Unfit) throws -> Request? {
    let answered = SiteFolders.names(in: folders.outbox) ?? []
    let open = (SiteFolders.names(in: folders.inbox) ?? []).compactMap { MessageName(file: $0) }
      .filter { !answered.contains($0.answer) }
    for name in open.map({ (age($0), $0) }).sorted(by: { ($0.0, $0.1.stem) < ($1.0, $1.1.stem) }).map(\.1) {
      let path = folders.inbox + "/" + name.request
      guard let data = FileManager.default.contents(atPath: path) else { continue }
      let bytes = [UInt8](data)
      guard name.isOf(bytes), let header = EnvelopeHeader(bytes) else {
        unfit.note(path, size: bytes.count, tell, "is not whole, expected the message of its name's digest")
        continue
      }
      guard header.runID == codec.identity.runID else {
        unfit.note(
          path, size: bytes.count, tell, "is of run \(header.runID), expected \(codec.identity.runID)")
        continue
      }
      return Request(name: name, bytes: bytes, header: header)
    }
    return nil
  }

  private func age(_ name: MessageName) -> Date {
    let path = folders.inbox + "/" + name.request
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.modificationDate] as? Date ?? .distantFuture
  }
}

/// Requests that are left where they are, each told of once it has stayed as it is.
private struct Unfit {
  let seconds: Double
  private var settling = Settling()
  private var told: Set<String> = []

  init(seconds: Double) { self.seconds = seconds }

  mutating func note(_ path: String, size: Int, _ tell: (String) -> Void, _ what: String) {
    guard settling.isSettled(path, size: size, seconds: seconds), told.insert(path).inserted else { return }
    tell("\(path): \(what). It is left where it is.")
  }
}
