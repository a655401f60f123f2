import FederationProtocol
import FolderTransport
import Foundation
import Foundations
import Synchronization
import TestSupport

/// Both ends of a site's two folders, and a site that answers with how often it was asked.
final class FolderExchange: Sendable {
  static let identity = RunIdentity(
    runID: "run-7", planDigest: Digest.sha256([1]), studyDigest: Digest.sha256([2]))
  static let codec = EnvelopeCodec(identity: identity, site: "birch")

  let folder: TemporaryFolder
  let folders: SiteFolders
  let site = CountingSite(codec: FolderExchange.codec)

  init() throws {
    folder = try TemporaryFolder()
    folders = SiteFolders(exchange: folder.path, site: "birch")
    try folders.make()
  }

  var connection: FolderConnection {
    FolderConnection(site: "birch", folders: folders, settlingSeconds: 0.2, shouldStop: { Task.isCancelled })
  }

  func inbox(
    archive: String? = nil, tell: @escaping @Sendable (String) -> Void = { _ in }
  ) -> FolderInbox {
    FolderInbox(
      folders: folders, codec: Self.codec, archive: archive, settlingSeconds: 0.1,
      shouldStop: { Task.isCancelled }, tell: tell)
  }

  /// The site at work until the body has ended.
  func serving<Value: Sendable>(
    _ inbox: FolderInbox? = nil, _ body: () async throws -> Value
  ) async throws -> Value {
    let inbox = inbox ?? self.inbox()
    let site = site
    let work = Task { try await inbox.serve(site) { false } }
    defer { work.cancel() }
    return try await body()
  }

  static func request(round: Int, steps: UInt32 = 5) throws -> [UInt8] {
    var request = WireTrainRequest()
    request.localSteps = steps
    return try codec.seal(request, round: round)
  }

  /// Which asking an answer was given to.
  static func count(_ answer: [UInt8], round: Int) throws -> Double {
    try codec.open(answer, as: WireModelUpdate.self, round: round).meanLoss
  }

  func files(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  /// Waits until something holds; false after ten seconds.
  func eventually(_ holds: () throws -> Bool) async throws -> Bool {
    for _ in 0..<1000 {
      if try holds() { return true }
      try await Task.sleep(for: .milliseconds(10))
    }
    return false
  }
}

/// Answers requests of training with the number of those so far.
final class CountingSite: SiteConnection {
  let site = "birch"
  private let codec: EnvelopeCodec
  private let asked = Mutex(0)

  init(codec: EnvelopeCodec) { self.codec = codec }

  var count: Int { asked.withLock { $0 } }

  func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let (round, request) = try codec.openRequest(message)
    let number = asked.withLock { count in
      count += 1
      return count
    }
    guard case .train(let train) = request, train.localSteps > 0 else {
      return try codec.seal(WireRefusal("no steps"), round: round)
    }
    var update = WireModelUpdate()
    update.meanLoss = Double(number)
    return try codec.seal(update, round: round)
  }
}
