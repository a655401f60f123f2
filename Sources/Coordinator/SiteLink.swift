import FederationProtocol
import Foundations

/// One site as the coordinator talks to it: seals requests, counts bytes, believes only checked answers.
struct SiteLink: Sendable {
  let site: String
  private let connection: MeteredConnection
  private let codec: EnvelopeCodec

  init(_ connection: any SiteConnection, identity: RunIdentity, meter: TrafficMeter) {
    site = connection.site
    self.connection = MeteredConnection(connection, meter: meter)
    codec = EnvelopeCodec(identity: identity, site: connection.site)
  }

  func describe() async throws -> SiteDescription {
    let answer = try await ask(WireDescribeRequest(), for: WireSiteDescription.self, round: 0)
    return SiteDescription(
      site: site, trainingCases: Int(answer.cases.training), validationCases: Int(answer.cases.validation),
      testCases: Int(answer.cases.test), contrasts: answer.contrasts,
      scanBytesOnDisk: Int(clamping: answer.scanBytesOnDisk),
      scanBytesUncompressed: Int(clamping: answer.scanBytesUncompressed))
  }

  /// Trains from `model`; `model` is given in its wire form too, made once for all sites.
  func train(
    _ model: ModelState, wire: WireWeights, rule: WireLocalRule?, round: Int, settings: FederationSettings
  ) async throws -> (update: SiteRound, delta: [Float]) {
    var request = WireTrainRequest()
    request.model = wire
    switch settings.budget {
    case .steps(let steps): request.localSteps = UInt32(steps)
    case .epochs(let epochs): request.localEpochs = UInt32(epochs)
    }
    request.keepOptimizerState = settings.keepOptimizerState
    request.totalRounds = UInt32(settings.rounds)
    request.seed = settings.seed
    if let rule { request.rule = rule }
    let answer = try await ask(request, for: WireModelUpdate.self, round: round)
    let delta = try answer.delta.values(expecting: model.ranges, site: site, round: round)
    let limit = UInt64(UInt32.max)
    try check(.cases, round, 1...limit ~= answer.cases, "\(answer.cases)", "1 or more")
    if case .steps(let steps) = settings.budget {
      try check(.steps, round, answer.steps == UInt64(steps), "\(answer.steps)", "\(steps)")
    } else {
      try check(.steps, round, 1...limit ~= answer.steps, "\(answer.steps)", "1 or more")
    }
    try check(.loss, round, answer.meanLoss.isFinite, "\(answer.meanLoss)", "a finite number")
    let seconds = answer.seconds
    try check(.seconds, round, seconds.isFinite && seconds >= 0, "\(seconds)", "0 or more")
    let update = SiteRound(
      site: site, cases: Int(answer.cases), steps: Int(answer.steps), meanLoss: answer.meanLoss,
      seconds: seconds)
    return (update, delta)
  }

  func evaluate(
    _ wire: WireWeights, part: WirePart, everyCase: Bool, round: Int, scoring: ScoringRequest?
  ) async throws -> SiteScores {
    var request = WireEvaluateRequest()
    request.model = wire
    request.part = part
    request.everyCase = everyCase
    if let scoring { request.scoring = scoring.wire(diceOnly: part == .validation) }
    let answer = try await ask(request, for: WireEvaluation.self, round: round)
    return try SiteScores(answer, expecting: part, site: site, round: round)
  }

  func ask<Answer: WirePayload>(
    _ request: some WirePayload, for type: Answer.Type, round: Int
  ) async throws -> Answer {
    let message = try codec.seal(request, round: round)
    let answer: [UInt8]
    do {
      answer = try await connection.exchange(message)
    } catch let error where error is CancellationError || error is any DescribedError {
      throw error
    } catch {
      throw CoordinatorError.siteUnreachable(site: site, round: round, reason: "\(error)")
    }
    return try codec.open(answer, as: type, round: round)
  }

  func check(
    _ field: ProtocolError.Field, _ round: Int, _ isRight: Bool, _ found: String, _ expected: String
  ) throws {
    if isRight { return }
    throw ProtocolError.mismatch(site: site, round: round, field: field, found: found, expected: expected)
  }
}
