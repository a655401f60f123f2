import FederationProtocol
import Foundations
import Synchronization

let testRanges = [TensorRange(name: "w", shape: [2]), TensorRange(name: "b", shape: [1])]

let testIdentity = RunIdentity(
  runID: "run-1", planDigest: Digest.sha256([1]), studyDigest: Digest.sha256([2]))

/// A site whose update is given: `updates` of round 1, in round t times t.
struct HonestSite: SiteConnection {
  final class Log: Sendable {
    private let rounds = Mutex<[Int]>([])
    var trained: [Int] { rounds.withLock { $0 } }
    func add(_ round: Int) { rounds.withLock { $0.append(round) } }
  }

  let site: String
  let update: [Float]
  var refusal: WireRefusal?
  /// Refuses what asks for a state of its own.
  var hasNoState = false
  let log = Log()

  func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let codec = EnvelopeCodec(identity: testIdentity, site: site)
    let (round, request) = try codec.openRequest(message)
    let lost = WireRefusal("nothing is kept", code: .stateLost)
    switch request {
    case .describe: return try codec.seal(WireSiteDescription(), round: round)
    case .train(let request) where request.fineTune:
      if hasNoState && request.lastRound > 0 { return try codec.seal(lost, round: round) }
      return try codec.seal(WireModelUpdate.with { $0.cases = 7 }, round: round)
    case .train:
      log.add(round)
      await Task.yield()
      if let refusal { return try codec.seal(refusal, round: round) }
      return try codec.seal(answer(round), round: round)
    case .evaluate(let request):
      if hasNoState && request.lastRound > 0 { return try codec.seal(lost, round: round) }
      return try codec.seal(WireEvaluation.with { $0.cases = 3 }, round: round)
    default: return try codec.seal(WireRefusal("it has no scans"), round: round)
    }
  }

  func values(_ round: Int) -> [Float] { update.map { $0 * Float(round) } }

  private func answer(_ round: Int) -> WireModelUpdate {
    .with {
      $0.delta = WireWeights(ranges: testRanges, values: values(round))
      $0.cases = 7
      $0.steps = 5
      $0.meanLoss = -0.25
      $0.seconds = 1.5
      $0.voxels = 4000
      $0.controlDelta = WireWeights(ranges: testRanges, values: [1, 2, 3])
    }
  }
}

func trainRequest(
  _ model: [Float] = [4, -3, 0.5], lastRound: Int = 0, rule: WireLocalRule? = nil
) -> WireTrainRequest {
  .with {
    $0.model = WireWeights(ranges: testRanges, values: model)
    $0.localSteps = 5
    $0.totalRounds = 9
    $0.seed = 7
    $0.lastRound = UInt32(lastRound)
    if let rule { $0.rule = rule }
  }
}

extension SiteConnection {
  func ask<Answer: WirePayload>(
    _ request: some WirePayload, _ type: Answer.Type, round: Int = 1
  ) async throws -> Answer {
    let codec = EnvelopeCodec(identity: testIdentity, site: site)
    return try codec.open(await exchange(codec.seal(request, round: round)), as: type, round: round)
  }

  func delta(_ request: WireTrainRequest = trainRequest(), round: Int = 1) async throws -> [Float] {
    try await ask(request, WireModelUpdate.self, round: round).delta
      .values(expecting: testRanges, site: site, round: round)
  }
}
