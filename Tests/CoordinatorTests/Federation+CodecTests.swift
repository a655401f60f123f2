import Coordinator
import FederationProtocol
import Foundation
import Foundations
import Site
import TestSupport
import Testing

/// A connection that changes what comes back.
private struct ChangedAnswers: SiteConnection {
  let base: any SiteConnection
  let change: @Sendable (inout WireModelUpdate) -> Void

  var site: String { base.site }

  func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let codec = EnvelopeCodec(identity: testIdentity, site: site)
    let answer = try await base.exchange(message)
    guard case (let round, .train) = try codec.openRequest(message),
      var update = try? codec.open(answer, as: WireModelUpdate.self, round: round)
    else { return answer }
    change(&update)
    return try codec.seal(update, round: round)
  }
}

/// A site that dies after each request, and has kept nothing.
private struct ForgettingSite: SiteConnection {
  let base: QuadraticSite

  var site: String { base.site }

  func exchange(_ message: [UInt8]) async throws -> [UInt8] { try await coded(base).exchange(message) }
}

private func coded(_ site: any SiteConnection) -> CodedSite {
  CodedSite(site, identity: testIdentity, ranges: quadraticRanges, seed: 7)
}

struct FederationCodecTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func settings(_ down: String, _ up: String, rounds: Int = 4) throws -> FederationSettings {
    var settings = testSettings(rounds: rounds)
    settings.codecs = try CodecPair(down: CodecChain(down), up: CodecChain(up))
    return settings
  }

  private func run(
    _ settings: FederationSettings, sites: [any SiteConnection]? = nil, strategy: String = "fedavg",
    folder: CoordinatorFolder? = nil
  ) async throws -> FederationResult {
    let sites = sites ?? testSites().map { coded($0) }
    return try await Federation(
      settings: settings, strategy: StrategyChoice(strategy).make(), trainers: sites,
      evaluators: sites.map { Evaluator($0) }, initialModel: startModel, folder: folder,
      shouldStop: { false }
    ).run()
  }

  @Test func withoutLossTheModelIsThatOfNoCodec() async throws {
    let plain = try await run(testSettings(rounds: 4), sites: testSites())
    let coded = try await run(settings("fp32+entropy", "fp32+entropy"))
    #expect(coded.model == plain.model)
    #expect(coded.tests == plain.tests)
  }

  @Test(arguments: [
    ("delta+topk:fraction=0.5+int4", "topk:fraction=0.5+int4"), ("delta+int8", "int4"),
    ("delta+uniform", "uniform"),
    ("delta+randk:fraction=0.5+fp16", "randk:fraction=0.5+int8"), ("fp16", "bf16"), ("delta+int8", "fp32"),
    ("fp32", "int8"),
  ]) func entropyCodingChangesNoNumber(down: String, up: String) async throws {
    let packed = try await run(settings(down, up))
    let coded = try await run(settings(down + "+entropy", up + "+entropy"))
    #expect(coded.model == packed.model)
    #expect(coded.rounds.map(\.modelDigest) == packed.rounds.map(\.modelDigest))
    let plain = try await run(testSettings(rounds: 4), sites: testSites())
    #expect(packed.model != plain.model)
    for (value, plain) in zip(packed.model.values, plain.model.values) { #expect(abs(value - plain) < 2) }
  }

  /// After the first round each site is sent the model once a round, as a change; its next training names it alone.
  @Test func aModelGoesDownOnce() async throws {
    let log = MessageLog()
    let result = try await run(
      settings("delta+int8", "int8"),
      sites: testSites().map { site in
        CountedSite(base: coded(site), log: log)
      })
    let kinds = log.entries.filter { $0.site == "Beta" && $0.round > 0 }.map(\.kind)
    #expect(kinds == ["coded", "change", "held", "change", "held", "change", "held", "change", "held"])
    let tensors = try #require(result.traffic.first?.tensorsDown)
    // The first download: two numbers of four bytes, and one; then four changes: a scale and two levels, a scale and one.
    #expect(tensors == [8 + 4 * (4 + 2), 4 + 4 * (4 + 1)])
    #expect(result.traffic.first?.tensorsUp == [4 * (4 + 2), 4 * (4 + 1)])
  }

  /// Where sites can make the first model, they are told its digest; one that cannot is sent it.
  @Test(arguments: [true, false]) func theStartMayBeKnown(isRight: Bool) async throws {
    var settings = try settings("delta+int8", "int8")
    let whole = try await run(settings)
    settings.startIsKnown = true
    let start = isRight ? startModel.values : [0, 0, 0]
    let known = try await run(
      settings,
      sites: testSites().map { site in
        CodedSite(site, identity: testIdentity, ranges: quadraticRanges, seed: 7, start: { start })
      })
    #expect(known.model == whole.model)
    #expect(
      (known.traffic[0].tensorsDown?[0] ?? 0) == (whole.traffic[0].tensorsDown?[0] ?? 0) - (isRight ? 8 : 0))
  }

  /// What is left out of a round comes with a later one: the sum of what was sent stays near the sum of what was meant.
  @Test(arguments: [
    "topk:fraction=0.1", "randk:fraction=0.2", "sign", "lowrank:rank=1", "topk:fraction=0.1+int4",
    "uniform:step=3",
  ])
  func feedbackLosesNothing(chain: String) async throws {
    let ranges = [TensorRange(name: "w", shape: [5, 4]), TensorRange(name: "b", shape: [10])]
    let update: [Float] = (0..<30).map { Float(sin(Double(3 * $0))) }
    let site = CodedSite(
      SteadySite(update: update, ranges: ranges), identity: testIdentity, ranges: ranges, seed: 7)
    let codec = EnvelopeCodec(identity: testIdentity, site: "steady")
    var sum = [Double](repeating: 0, count: 30)
    let rounds = 200
    for round in 1...rounds {
      var request = WireTrainRequest()
      request.model = WireWeights(ranges: ranges, values: update)
      request.updateCodec = try CodecChain(chain).description
      request.lastRound = UInt32(round - 1)
      let answer = try await site.exchange(try codec.seal(request, round: round))
      let coder = WeightsCoder(
        try CodecChain(chain), ranges: ranges,
        context: CodecContext(seed: 7, site: "steady", round: round))
      let sent = try codec.open(answer, as: WireModelUpdate.self, round: round).delta
      for (index, value) in try sent.numbers(coder, site: "steady").values.enumerated() {
        sum[index] += Double(value)
      }
    }
    for (sum, update) in zip(sum, update) { #expect(abs(sum / Double(rounds) - Double(update)) < 0.12) }
  }

  @Test func aSiteThatDecodesAnotherModelStopsTheRound() async throws {
    let sites = testSites().map { coded($0) as any SiteConnection }
    let other = ChangedAnswers(base: sites[1]) { $0.modelDigest = Data([1, 2, 3]) }
    let error = await #expect(throws: CoordinatorError.self) {
      try await run(settings("delta+int8", "int8"), sites: [sites[0], other, sites[2]])
    }
    #expect(
      error?.description.hasPrefix("Site Beta, round 1: the digest of the decoded model is 010203…") == true)
  }

  @Test func whatDoesNotDecodeIsNotAveraged() async throws {
    let faults: [(change: @Sendable (inout WireModelUpdate) -> Void, reason: String)] = [
      ({ @Sendable in $0.delta.data = Data($0.delta.data.dropLast()) }, "weight bytes is"),
      ({ @Sendable in $0.delta.codec = "int4" }, "codec is \"int4\", expected \"int8\""),
      ({ @Sendable in $0.delta.digest = Data(repeating: 7, count: 32) }, "weights digest is 0707"),
      (
        { @Sendable in $0.delta = WireWeights(ranges: quadraticRanges, values: [0, 0, 0]) },
        "codec is encoding 1"
      ),
    ]
    for (change, reason) in faults {
      let sites = testSites().map { coded($0) as any SiteConnection }
      let result = try await run(
        settings("delta+int8", "int8", rounds: 1),
        sites: [sites[0], ChangedAnswers(base: sites[1], change: change), sites[2]])
      let reasons = result.rounds[0].leftOut.map(\.reason)
      #expect(reasons.count == 1 && reasons[0].contains(reason), "\(reasons)")
      #expect(result.rounds[0].sites.map(\.site) == ["Alpha", "Gamma"])
    }
  }

  /// A site that has lost its models is sent the next one whole.
  @Test func aLostModelIsSentAgain() async throws {
    let whole = try await run(settings("delta+int8", "fp32"))
    let lost = try await run(
      settings("delta+int8", "fp32"), sites: testSites().map { ForgettingSite(base: $0) })
    #expect(lost.model == whole.model)
    #expect(lost.traffic[0].down > whole.traffic[0].down)
  }

  @Test func anUpdateThatIsNotFiniteIsRefusedAtTheSite() async throws {
    var sites = testSites()
    sites[2].tamperUpdate = { $0.delta = WireWeights(ranges: quadraticRanges, values: [.nan, 0, 0]) }
    let result = try await run(
      settings("delta+topk:fraction=0.5", "topk:fraction=0.5"), sites: sites.map { coded($0) })
    #expect(result.rounds.allSatisfy { $0.leftOut.map(\.site) == ["Gamma"] })
    #expect(result.rounds[0].leftOut[0].reason.contains("it cannot code its update"))
  }

  /// Whichever message the process dies at, the resumed run is the uninterrupted one: model, journal, traffic and files.
  @Test(arguments: ["delta+topk:fraction=0.5+entropy", "delta+int8", "fp16"])
  func everyMessageMayBeTheLast(chain: String) async throws {
    let settings = try settings(chain, "topk:fraction=0.5", rounds: 3)
    func open(_ name: String, resuming: Bool) throws -> CoordinatorFolder {
      let header = JournalHeader(
        settings: settings, strategy: .fedAvg, configDigest: "c0ffee", numerics: testNumerics)
      return try CoordinatorFolder.open(path: folder.file(name), header: header, resuming: resuming)
    }
    func sites(_ name: String, _ bases: [any SiteConnection]) -> [any SiteConnection] {
      bases.map { base in
        CodedSite(
          base, identity: testIdentity, ranges: quadraticRanges, seed: 7,
          checkpoints: folder.file("\(name)-\(base.site)"),
          warn: { _ in })
      }
    }
    let whole = try await run(
      settings, sites: sites("whole", testSites()), folder: try open("whole", resuming: false))
    for limit in 0..<24 {
      let (counter, name) = (Counter(), "killed-\(limit)")
      // Some die before the site has seen the message, some behind it.
      let breaking = sites(name, testSites()).map {
        BreakingConnection(base: $0, counter: counter, limit: limit, isAfter: limit % 2 == 0)
      }
      let stopped = try await run(settings, sites: breaking, folder: try open(name, resuming: false))
      #expect(stopped.interruptedAfterRound != nil)
      let result = try await run(
        settings, sites: sites(name, testSites()), folder: try open(name, resuming: true))
      #expect(result.model == whole.model, "\(limit)")
      #expect(result.rounds == whole.rounds, "\(limit)")
      #expect(result.traffic == whole.traffic, "\(limit)")
    }
  }

  @Test func strategiesThatDoNotGoWithACodec() async throws {
    for (strategy, chain, reason) in [
      ("scaffold", "topk:fraction=0.5", "expected one that keeps every number"),
      ("feddyn", "sign", "expected one that keeps every number"), ("cyclic", "int8", "expected none"),
    ] {
      let error = await #expect(throws: StrategyError.self) {
        try await run(settings("fp32", chain), strategy: strategy)
      }
      #expect(error?.description.contains(reason) == true)
    }
    let plain = try await run(testSettings(rounds: 4), sites: testSites(), strategy: "scaffold")
    let coded = try await run(settings("delta+int8+entropy", "int8"), strategy: "scaffold")
    for (value, plain) in zip(coded.model.values, plain.model.values) { #expect(abs(value - plain) < 0.1) }
    #expect(coded.model != plain.model)
  }
}

/// A site that always sends the same.
private struct SteadySite: SiteConnection {
  let site = "steady"
  let update: [Float]
  let ranges: [TensorRange]

  func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let codec = EnvelopeCodec(identity: testIdentity, site: site)
    var answer = WireModelUpdate()
    answer.delta = WireWeights(ranges: ranges, values: update)
    return try codec.seal(answer, round: try codec.openRequest(message).round)
  }
}

/// A connection at which the whole run is stopped at one message, before the site sees it or after it has answered.
private struct BreakingConnection: SiteConnection {
  let base: any SiteConnection
  let counter: Counter
  let limit: Int
  let isAfter: Bool

  var site: String { base.site }

  func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let isOver = counter.next() >= limit
    if isOver && !isAfter { throw CancellationError() }
    let answer = try await base.exchange(message)
    if isOver { throw CancellationError() }
    return answer
  }
}

/// Tells how the model stands in each request.
private struct CountedSite: SiteConnection {
  let base: any SiteConnection
  let log: MessageLog

  var site: String { base.site }

  func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let (round, request) = try EnvelopeCodec(identity: testIdentity, site: site).openRequest(message)
    let answer = try await base.exchange(message)
    switch request {
    case .train(let request): add(request.model, round, message, answer)
    case .evaluate(let request): add(request.model, round, message, answer)
    default: break
    }
    return answer
  }

  private func add(_ model: WireWeights, _ round: Int, _ message: [UInt8], _ answer: [UInt8]) {
    let kind = model.encoding == .held ? "held" : model.base.isEmpty ? "coded" : "change"
    log.add(site: site, round: round, kind: kind, down: message.count, up: answer.count)
  }
}
