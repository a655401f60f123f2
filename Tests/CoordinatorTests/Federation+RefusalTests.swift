import Coordinator
import FederationProtocol
import Foundation
import Testing

/// No answer that fails a check reaches the average: each is refused with site, round and field.
struct FederationRefusalTests {
  private func run(_ change: (inout QuadraticSite) -> Void) async -> (any Error)? {
    var sites = testSites()
    change(&sites[1])
    do {
      _ = try await federation(sites, settings: testSettings(rounds: 2)).run()
      return nil
    } catch {
      return error
    }
  }

  private func expectMismatch(
    _ field: ProtocolError.Field, round: Int = 1, _ change: (inout QuadraticSite) -> Void
  ) async {
    let error = await run(change)
    guard case ProtocolError.mismatch("Beta", round, field, _, _)? = error else {
      Issue.record("\(field): \(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    ProtocolError.Field.protocolVersion, .runID, .planDigest, .studyDigest, .round, .site, .kind,
    .payloadDigest,
  ])
  func envelope(field: ProtocolError.Field) async {
    await expectMismatch(field) { site in
      site.tamperMessage = { envelope in
        switch field {
        case .protocolVersion: envelope.protocolVersion += 1
        case .runID: envelope.runID += "x"
        case .planDigest: envelope.planDigest[0] ^= 1
        case .studyDigest: envelope.studyDigest[31] ^= 1
        case .round: envelope.round += 1
        case .site: envelope.site = "Alpha"
        case .kind: envelope.kind = .trainRequest
        default: envelope.payloadSha256[3] ^= 4
        }
      }
    }
  }

  @Test(arguments: [
    ProtocolError.Field.encoding, .tensorNames, .tensorShape, .byteCount, .values, .cases, .steps, .loss,
    .seconds,
  ])
  func update(field: ProtocolError.Field) async {
    await expectMismatch(field) { site in
      site.tamperUpdate = { update in
        switch field {
        case .encoding: update.delta.encoding = .unspecified
        case .tensorNames: update.delta.ranges[1].name = "c"
        case .tensorShape: update.delta.ranges[0].shape = [1, 2]
        case .byteCount: update.delta.data.append(0)
        case .values: update.delta = WireWeights(ranges: quadraticRanges, values: [0, .nan, 1])
        case .cases: update.cases = 0
        case .steps: update.steps -= 1
        case .loss: update.meanLoss = .infinity
        default: update.seconds = -1
        }
      }
    }
  }

  @Test func evaluation() async {
    await expectMismatch(.part) { $0.tamperEvaluation = { $0.part = .unspecified } }
    await expectMismatch(.regions) { $0.tamperEvaluation = { $0.regions[0].mean = 1.01 } }
    await expectMismatch(.regions) { $0.tamperEvaluation = { $0.regions[0].minimum = .nan } }
    await expectMismatch(.regions) { $0.tamperEvaluation = { $0.regions[1].region = "near" } }
    await expectMismatch(.cases) { $0.tamperEvaluation = { $0.cases -= 1 } }
    await expectMismatch(.regions, round: 2) {
      $0.tamperEvaluation = { if $0.part == .test { $0.regions[0].mean = -0.1 } }
    }
  }

  /// Two rounds of an update close to Float's maximum leave its range.
  @Test func averageThatOverflows() async {
    let error = await run { site in
      site.tamperUpdate = {
        $0.delta = WireWeights(ranges: quadraticRanges, values: [0, 0, .greatestFiniteMagnitude])
        $0.cases = UInt64(UInt32.max)
      }
    }
    #expect(error as? CoordinatorError == .modelNotFinite(round: 2, tensor: "b"))
  }

  @Test func connectionThatBreaks() async throws {
    struct Broken: SiteConnection {
      struct Failure: Error {}
      let site = "Beta"
      func exchange(_ message: [UInt8]) async throws -> [UInt8] { throw Failure() }
    }
    let federation = try Federation(
      settings: testSettings(rounds: 1), strategy: FederatedAveraging(),
      trainers: [testSites()[0], Broken()],
      evaluators: [], initialModel: startModel, folder: nil, shouldStop: { false })
    let error = await #expect(throws: CoordinatorError.self) { try await federation.run() }
    guard case .siteUnreachable("Beta", 0, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func settingsThatCannotWork() async throws {
    let sites = testSites()
    func make(_ trainers: [QuadraticSite], strategy: any AggregationStrategy = FederatedAveraging()) throws {
      _ = try Federation(
        settings: testSettings(rounds: 1), strategy: strategy, trainers: trainers, evaluators: [],
        initialModel: startModel, folder: nil)
    }
    #expect(throws: CoordinatorError.noTrainers) { try make([]) }
    #expect(throws: CoordinatorError.duplicateSite(site: "Alpha", role: "train")) {
      try make([sites[0], sites[1], sites[0]])
    }
    struct Median: AggregationStrategy {
      static let descriptor = StrategyDescriptor(
        name: "median", summary: "", paper: "", needs: .individualUpdates)
      init(_ parameters: StrategyParameters) {}
      init() {}
      func apply(_ sum: WeightedSum, to model: [Float], state: inout [ServerBuffer]) -> [Float] { model }
    }
    #expect(throws: CoordinatorError.unsupportedStrategy(name: "median")) {
      try make(sites, strategy: Median())
    }
    var empty = sites
    empty[2].cases = 0
    await #expect(throws: CoordinatorError.noTrainingCases(site: "Gamma")) {
      try await federation(empty, settings: testSettings(rounds: 1)).run()
    }
    let unvalidated = sites.map { site in
      var site = site
      site.validationCases = 0
      return site
    }
    await #expect(throws: CoordinatorError.noValidationCases) {
      try await federation(unvalidated, settings: testSettings(rounds: 1, choice: .bestValidation)).run()
    }
  }
}
