import FederationProtocol
import FolderTransport
import Foundation
import Foundations
import Synchronization
import TestSupport
import Testing

/// The site's end.
struct FolderInboxTests {
  let exchange: FolderExchange

  init() throws { exchange = try FolderExchange() }

  private func put(_ message: [UInt8], as name: MessageName) throws {
    try AtomicFile.write(message, to: exchange.folders.inbox + "/" + name.request)
  }

  private func isAnswered(_ name: MessageName) -> Bool {
    FileManager.default.fileExists(atPath: exchange.folders.outbox + "/" + name.answer)
  }

  /// Cut requests, temporary files and those of another run are left; what is whole is served.
  @Test func onlyWholeRequestsOfTheRunAreServed() async throws {
    let told = Mutex<[String]>([])
    let whole = try FolderExchange.request(round: 1)
    let cut = try FolderExchange.request(round: 2)
    try put(Array(cut.dropLast(3)), as: MessageName(cut))
    try Data(cut).write(
      to: URL(fileURLWithPath: exchange.folders.inbox + "/\(MessageName(cut).request).part-77"))
    let other = EnvelopeCodec(
      identity: RunIdentity(runID: "run-8", planDigest: [], studyDigest: []), site: "birch")
    let foreign = try other.seal(WireDescribeRequest(), round: 0)
    try put(foreign, as: MessageName(foreign))
    try put(whole, as: MessageName(whole))
    try await exchange.serving(exchange.inbox(tell: { line in told.withLock { $0.append(line) } })) {
      #expect(try await exchange.eventually { isAnswered(MessageName(whole)) })
      // Told of once each, when they have stayed so.
      #expect(try await exchange.eventually { told.withLock { $0.count } == 3 })
      try await Task.sleep(for: .milliseconds(300))
      #expect(!isAnswered(MessageName(cut)) && !isAnswered(MessageName(foreign)))
      // The rest of it comes.
      try put(cut, as: MessageName(cut))
      #expect(try await exchange.eventually { isAnswered(MessageName(cut)) })
    }
    let lines = told.withLock { $0 }
    #expect(lines.count == 4 && lines.contains { $0.contains("run-8") }, "\(lines)")
    #expect(exchange.site.count == 2)
  }

  /// A request that does not fit the site is answered with why: the coordinator would wait for ever.
  @Test func aMisfitIsRefused() async throws {
    let message = try EnvelopeCodec(identity: FolderExchange.identity, site: "cedar")
      .seal(WireDescribeRequest(), round: 0)
    let answer = try await exchange.serving { try await exchange.connection.exchange(message) }
    let error = #expect(throws: ProtocolError.self) {
      try FolderExchange.codec.open(answer, as: WireSiteDescription.self, round: 0)
    }
    #expect(error?.description.contains("cedar") == true)
  }

  /// A site that is stopped in its work leaves the request open, and serves it when it is started again.
  @Test func workThatWasBrokenOffIsNoAnswer() async throws {
    let request = try FolderExchange.request(round: 1)
    try put(request, as: MessageName(request))
    let stop = Mutex(false)
    let inbox = FolderInbox(
      folders: exchange.folders, codec: FolderExchange.codec, shouldStop: { stop.withLock { $0 } },
      tell: { _ in stop.withLock { $0 = true } })
    await #expect(throws: CancellationError.self) { try await inbox.serve(exchange.site) { false } }
    #expect(exchange.site.count == 1 && !isAnswered(MessageName(request)))
    try await exchange.serving {
      let isThere = try await exchange.eventually { isAnswered(MessageName(request)) }
      #expect(isThere)
    }
    #expect(exchange.site.count == 2)
  }

  @Test func itEndsWithTheRun() async throws {
    try exchange.folders.announce(Data("a run".utf8), clearing: true)
    let folders = exchange.folders
    let inbox = exchange.inbox()
    let site = exchange.site
    let work = Task { try await inbox.serve(site) { folders.stoppedRun() == "run-7" } }
    _ = try await exchange.connection.exchange(FolderExchange.request(round: 1))
    try folders.stop(runID: "run-6")
    try await Task.sleep(for: .milliseconds(100))
    _ = try await exchange.connection.exchange(FolderExchange.request(round: 2))
    try folders.stop(runID: "run-7")
    try await work.value
    #expect(try exchange.files(folders.outbox).isEmpty)
    // The next run's begin takes the stop away.
    try folders.announce(Data("another".utf8), clearing: true)
    #expect(folders.stoppedRun() == nil && folders.announcement() == Data("another".utf8))
  }

  @Test func theArchiveKeepsAllThatCrossed() async throws {
    let archive = exchange.folder.file("kept")
    try await exchange.serving(exchange.inbox(archive: archive)) {
      for round in 1...2 {
        _ = try await exchange.connection.exchange(FolderExchange.request(round: round))
      }
    }
    let files = try exchange.files(archive)
    #expect(files.count == 4)
    let request = try FolderExchange.request(round: 1)
    #expect(try exchange.bytes(archive + "/" + MessageName(request).request) == Data(request))
  }
}
