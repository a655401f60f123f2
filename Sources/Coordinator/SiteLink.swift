import FederationProtocol
import Foundation
import Foundations
import Synchronization

/// One site as the coordinator talks to it: seals requests, counts bytes, believes only checked answers.
struct SiteLink: Sendable {
  let site: String
  private let connection: MeteredConnection
  private let meter: TrafficMeter
  private let codec: EnvelopeCodec
  private let deadline: Double?
  private let work = Work()

  /// `deadline` is how many seconds a site may take for one request, from when its own work starts; nil: as many as it needs.
  init(
    _ connection: any SiteConnection, identity: RunIdentity, meter: TrafficMeter, deadline: Double? = nil
  ) {
    site = connection.site
    self.connection = MeteredConnection(connection, meter: meter)
    self.meter = meter
    codec = EnvelopeCodec(identity: identity, site: connection.site)
    self.deadline = deadline
  }

  private final class Work: Sendable {
    /// The round of a request that the site was not waited for any longer and that it is still at.
    let round = Mutex<Int?>(nil)
    /// SHA-256 of the model that the site has; nil: none that a codec's message could build on.
    let model = Mutex<Data?>(nil)
  }

  /// SHA-256 of the model that the site has.
  var heldModel: Data? {
    get { work.model.withLock { $0 } }
    nonmutating set { work.model.withLock { $0 = newValue } }
  }

  func describe() async throws -> SiteDescription {
    let answer = try await ask(WireDescribeRequest(), for: WireSiteDescription.self, round: 0)
    return SiteDescription(
      site: site, trainingCases: Int(answer.cases.training), validationCases: Int(answer.cases.validation),
      testCases: Int(answer.cases.test), contrasts: answer.contrasts,
      scanBytesOnDisk: Int(clamping: answer.scanBytesOnDisk),
      scanBytesUncompressed: Int(clamping: answer.scanBytesUncompressed))
  }

  /// The site's scores, of no more cases than `description` says that it has; `lastRound` asks for what it keeps for itself since
  /// then, 0 for the model as it is.
  func evaluate(
    _ model: SentModel, part: WirePart, everyCase: Bool, round: Int, scoring: ScoringRequest?,
    lastRound: Int = 0, description: SiteDescription? = nil
  ) async throws -> SiteScores {
    var request = WireEvaluateRequest()
    request.part = part
    request.everyCase = everyCase
    request.lastRound = UInt32(lastRound)
    if let scoring { request.scoring = scoring.wire(diceOnly: part == .validation) }
    let answer = try await ask(request, for: WireEvaluation.self, with: model, round: round)
    let scores = try SiteScores(answer, expecting: part, site: site, round: round)
    if let most = description?.cases(of: part, everyCase: everyCase) {
      try check(.cases, round, scores.cases <= most, "\(scores.cases)", "\(most) or fewer, as it has said")
    }
    return scores
  }

  /// Asks with a model in the request, as little of it as the site needs. Throws `CoordinatorError.modelDiffers` where what the site
  /// has decoded is another.
  func ask<Request: ModelRequest, Answer: ModelAnswer>(
    _ request: Request, for type: Answer.Type, with model: SentModel, round: Int
  ) async throws -> Answer {
    func ask(holding held: Data?) async throws -> Answer {
      var request = request
      let message = model.message(holding: held)
      request.model = message.wire
      meter.countDown(tensors: message.tensorBytes, site: site)
      return try await self.ask(request, for: type, round: round)
    }
    let held = heldModel
    let answer: Answer
    do {
      answer = try await ask(holding: held)
    } catch ProtocolError.modelLost where !model.isWhole(holding: held) {
      answer = try await ask(holding: nil)
    }
    guard let digest = model.digest else { return answer }
    guard answer.modelDigest == digest else {
      throw CoordinatorError.modelDiffers(
        site: site, round: round, found: Digest.hex(Array(answer.modelDigest)),
        expected: Digest.hex(Array(digest)))
    }
    heldModel = digest
    return answer
  }

  /// Counts what the tensors of an answer took.
  func countUp(tensors: [Int]) { meter.countUp(tensors: tensors, site: site) }

  func ask<Answer: WirePayload>(
    _ request: some WirePayload, for type: Answer.Type, round: Int
  ) async throws -> Answer {
    let message = try codec.seal(request, round: round)
    let answer: [UInt8]
    do {
      answer = try await exchange(message, round: round)
    } catch let error where error is CancellationError || error is any DescribedError {
      throw error
    } catch {
      throw CoordinatorError.siteUnreachable(site: site, round: round, reason: "\(error)")
    }
    return try codec.open(answer, as: type, round: round)
  }

  private func exchange(_ message: [UInt8], round: Int) async throws -> [UInt8] {
    guard let deadline else { return try await connection.exchange(message) }
    if let busy = work.round.withLock({ $0 }) {
      throw CoordinatorError.siteBusy(site: site, round: round, with: busy)
    }
    let (connection, work) = (connection, work)
    work.round.withLock { $0 = round }
    do {
      return try await Deadline.wait(
        seconds: deadline, whenOver: { work.round.withLock { $0 = nil } },
        { started in try await connection.exchange(message, started: started) })
    } catch is Deadline.Missed {
      throw CoordinatorError.deadlineMissed(site: site, round: round, seconds: deadline)
    }
  }

  func check(
    _ field: ProtocolError.Field, _ round: Int, _ isRight: Bool, _ found: String, _ expected: String
  ) throws {
    if isRight { return }
    throw ProtocolError.mismatch(site: site, round: round, field: field, found: found, expected: expected)
  }
}

/// A request that builds on a model.
protocol ModelRequest: WirePayload {
  var model: WireWeights { get set }
}

/// An answer that tells which model its site has decoded.
protocol ModelAnswer: WirePayload {
  var modelDigest: Data { get }
}

extension WireTrainRequest: ModelRequest {}
extension WireEvaluateRequest: ModelRequest {}
extension WireModelUpdate: ModelAnswer {}
extension WireEvaluation: ModelAnswer {}
