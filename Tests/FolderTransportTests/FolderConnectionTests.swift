import FederationProtocol
import FolderTransport
import Foundation
import Foundations
import Synchronization
import TestSupport
import Testing

/// Requests and answers as files: what is taken, and what never is.
struct FolderConnectionTests {
  let exchange: FolderExchange

  init() throws { exchange = try FolderExchange() }

  private func answerPath(_ message: [UInt8], attempt: Int = 1) -> String {
    exchange.folders.outbox + "/" + MessageName(message, attempt: attempt).answer
  }

  private func asks(_ message: [UInt8]) throws -> Bool {
    try exchange.files(exchange.folders.inbox) == [MessageName(message).request]
  }

  @Test func anAnswerComesBack() async throws {
    let request = try FolderExchange.request(round: 3)
    let answer = try await exchange.serving { try await exchange.connection.exchange(request) }
    #expect(try FolderExchange.count(answer, round: 3) == 1)
    let name = MessageName(request)
    #expect(name.stem.hasPrefix("000003-train_request-"))
    #expect(try exchange.files(exchange.folders.inbox) == [name.request])
    #expect(try exchange.files(exchange.folders.outbox) == [name.answer, name.started].sorted())
  }

  /// Disk use is bounded: what the next request makes needless goes, each end in its own folder.
  @Test func theNextRequestClearsTheLast() async throws {
    try await exchange.serving {
      for round in 1...4 {
        let answer = try await exchange.connection.exchange(FolderExchange.request(round: round))
        #expect(try FolderExchange.count(answer, round: round) == Double(round))
      }
      let name = MessageName(try FolderExchange.request(round: 4))
      #expect(try exchange.files(exchange.folders.inbox) == [name.request])
      #expect(
        try await exchange.eventually {
          try exchange.files(exchange.folders.outbox) == [name.answer, name.started].sorted()
        })
    }
  }

  /// A coordinator that is killed while it waits takes the answer when it asks the same again.
  @Test func theAnswerIsThereAfterTheCoordinatorsDeath() async throws {
    let request = try FolderExchange.request(round: 2)
    let connection = exchange.connection
    let first = Task { try await connection.exchange(request) }
    #expect(
      try await exchange.eventually { try asks(request) })
    first.cancel()
    await #expect(throws: CancellationError.self) { try await first.value }
    try await exchange.serving {
      let isThere = try await exchange.eventually {
        FileManager.default.fileExists(atPath: answerPath(request))
      }
      #expect(isThere)
    }
    // Nobody is at work any longer.
    let answer = try await exchange.connection.exchange(request)
    #expect(try FolderExchange.count(answer, round: 2) == 1)
    #expect(exchange.site.count == 1)
  }

  /// What the site put down in part is not read, however long it takes; what stays cut is refused.
  @Test func aHalfWrittenAnswerIsNotRead() async throws {
    let request = try FolderExchange.request(round: 1)
    let sealed = try FolderExchange.codec.seal(WireModelUpdate(), round: 1)
    let whole = AnswerFile.data(sealed, to: request)
    let connection = FolderConnection(
      site: "birch", folders: exchange.folders, settlingSeconds: 60, shouldStop: { false })
    let waiting = Task { try await connection.exchange(request) }
    #expect(try await exchange.eventually { try asks(request) })
    for count in [0, 10, AnswerFile.headSize, whole.count - 1] {
      try whole.prefix(count).write(to: URL(fileURLWithPath: answerPath(request)))
      try await Task.sleep(for: .milliseconds(60))
    }
    try whole.write(to: URL(fileURLWithPath: answerPath(request)))
    #expect(try await waiting.value == sealed)

    let next = try FolderExchange.request(round: 9)
    let impatient = exchange.connection
    let cut = Task { try await impatient.exchange(next) }
    #expect(try await exchange.eventually { try asks(next) })
    try whole.dropLast().write(to: URL(fileURLWithPath: answerPath(next)))
    await #expect(throws: FolderTransportError.self) { try await cut.value }
  }

  /// A name that was mistyped, or a site that has gone: the request lies there, and people are told once.
  @Test func aRequestThatNobodyTakesIsTold() async throws {
    let told = Mutex<[String]>([])
    let connection = FolderConnection(
      site: "birch", folders: exchange.folders, quietSeconds: 0.1,
      tell: { line in told.withLock { $0.append(line) } },
      shouldStop: { Task.isCancelled })
    let request = try FolderExchange.request(round: 1)
    let waiting = Task { try await connection.exchange(request) }
    #expect(try await exchange.eventually { told.withLock { !$0.isEmpty } })
    try await Task.sleep(for: .milliseconds(300))
    waiting.cancel()
    _ = await waiting.result
    let lines = told.withLock { $0 }
    #expect(
      lines.count == 1 && lines[0].contains("birch") && lines[0].contains(exchange.folders.inbox), "\(lines)")
    // Who has begun may take as long as it needs.
    told.withLock { $0 = [] }
    _ = try await exchange.serving { try await connection.exchange(request) }
    #expect(told.withLock { $0.isEmpty })
  }

  /// An answer of a round, copied under another request's name.
  @Test func aReplayedAnswerIsNotTaken() async throws {
    let (first, second) = (
      try FolderExchange.request(round: 1), try FolderExchange.request(round: 1, steps: 6)
    )
    let old = AnswerFile.data(try FolderExchange.codec.seal(WireModelUpdate(), round: 1), to: first)
    let connection = exchange.connection
    let waiting = Task { try await connection.exchange(second) }
    #expect(
      try await exchange.eventually { try asks(second) })
    try old.write(to: URL(fileURLWithPath: answerPath(second)))
    let expected = FolderTransportError.foreignAnswer(
      site: "birch", path: answerPath(second), found: AnswerFile.short(Digest.sha256(first)),
      expected: AnswerFile.short(Digest.sha256(second)))
    await #expect(throws: expected) { try await waiting.value }
    // Asked again, it is asked under a name that nothing lies under.
    let answer = try await exchange.serving { try await exchange.connection.exchange(second) }
    #expect(try FolderExchange.count(answer, round: 1) == 1)
  }

  /// An answer whose payload was changed before it was framed is for `EnvelopeCodec` to refuse.
  @Test func aChangedPayloadIsRefusedByTheCodec() async throws {
    let request = try FolderExchange.request(round: 1)
    var update = WireModelUpdate()
    update.seconds = 1
    var sealed = try FolderExchange.codec.seal(update, round: 1)
    let place = try #require(sealed.firstIndex(of: 0x3F))
    sealed[place] ^= 1
    let connection = exchange.connection
    let waiting = Task { try await connection.exchange(request) }
    #expect(
      try await exchange.eventually { try asks(request) })
    try AtomicFile.write(AnswerFile.data(sealed, to: request), to: answerPath(request))
    let answer = try await waiting.value
    #expect(throws: ProtocolError.self) { try FolderExchange.count(answer, round: 1) }
  }

  /// A refusal stands for how the site was: after a resume it is asked anew.
  @Test func aRefusalIsNotTakenAgain() async throws {
    let request = try FolderExchange.request(round: 1, steps: 0)
    try await exchange.serving {
      for number in 1...2 {
        let answer = try await exchange.connection.exchange(request)
        #expect(throws: ProtocolError.self) { try FolderExchange.count(answer, round: 1) }
        #expect(exchange.site.count == number)
      }
    }
  }

  /// The clock of a deadline begins with the site's work, not with the request.
  @Test func startedIsToldWithTheSitesWork() async throws {
    let started = Counter()
    let request = try FolderExchange.request(round: 1)
    let connection = exchange.connection
    let waiting = Task { try await connection.exchange(request) { started.add() } }
    try await Task.sleep(for: .milliseconds(100))
    #expect(started.count == 0)
    try AtomicFile.write("started\n", to: exchange.folders.outbox + "/" + MessageName(request).started)
    #expect(try await exchange.eventually { started.count == 1 })
    try AtomicFile.write(
      AnswerFile.data(try FolderExchange.codec.seal(WireModelUpdate(), round: 1), to: request),
      to: answerPath(request))
    _ = try await waiting.value
    #expect(started.count == 1)
  }
}

/// Counts from any thread.
private final class Counter: Sendable {
  private let value = Mutex(0)

  var count: Int { value.withLock { $0 } }
  func add() { value.withLock { $0 += 1 } }
}
