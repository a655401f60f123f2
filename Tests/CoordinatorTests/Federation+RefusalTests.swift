import Coordinator
import FederationProtocol
import Foundation
import Testing

/// No answer that fails a check reaches the average: each is refused with site, round and field, and the run goes on without it.
struct FederationRefusalTests {
  private func run(
    _ change: (inout QuadraticSite) -> Void = { _ in }, without missing: String? = nil
  ) async throws -> FederationResult {
    var sites = testSites()
    change(&sites[1])
    sites.removeAll { $0.site == missing }
    return try await federation(sites, settings: testSettings(rounds: 2)).run()
  }

  private func expectMismatch(
    _ field: ProtocolError.Field, _ change: (inout QuadraticSite) -> Void
  ) async throws {
    let result = try await run(change)
    for (index, round) in result.rounds.enumerated() {
      #expect(round.sites.map(\.site) == ["Alpha", "Gamma"])
      #expect(round.leftOut.map(\.site) == ["Beta"])
      let reason = round.leftOut.first?.reason ?? ""
      #expect(reason.hasPrefix("Site Beta, round \(index + 1): \(field.rawValue) "), "\(reason)")
      #expect(!reason.contains("\n"))
    }
    let alone = try await run(without: "Beta")
    #expect(result.model == alone.model)
    #expect(result.rounds.map(\.modelDigest) == alone.rounds.map(\.modelDigest))
  }

  @Test(arguments: [
    ProtocolError.Field.protocolVersion, .runID, .planDigest, .studyDigest, .round, .site, .kind,
    .payloadDigest,
  ])
  func envelope(field: ProtocolError.Field) async throws {
    try await expectMismatch(field) { site in
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
  func update(field: ProtocolError.Field) async throws {
    try await expectMismatch(field) { site in
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

  /// Scores that cannot be are not shown; the weights are untouched by them.
  @Test func evaluation() async throws {
    let whole = try await run()
    let changes: [(ProtocolError.Field, @Sendable (inout WireEvaluation) -> Void)] = [
      (.part, { $0.part = .unspecified }),
      (.regions, { $0.regions[0].mean = 1.01 }),
      (.regions, { $0.regions[0].minimum = .nan }),
      (.regions, { $0.regions[1].region = "near" }),
      (.cases, { $0.cases -= 1 }),
    ]
    for (field, change) in changes {
      let result = try await run { $0.tamperEvaluation = change }
      #expect(result.model == whole.model)
      #expect(result.rounds.allSatisfy { $0.unscored.map(\.site) == ["Beta"] })
      #expect(result.rounds[0].unscored[0].reason.contains(field.rawValue))
      #expect(result.tests.map(\.site) == ["Alpha", "Gamma"])
      #expect(result.untested.map(\.site) == ["Beta"])
    }
    let result = try await run {
      $0.tamperEvaluation = { if $0.part == .test { $0.regions[0].mean = -0.1 } }
    }
    #expect(result.rounds == whole.rounds)
    #expect(result.untested.map(\.site) == ["Beta"])
  }

  /// A finite update that nothing of the model would be left of, also by one strategy's second kind of update.
  @Test func updatesThatAreTooLarge() async throws {
    try await expectMismatch(.values) {
      $0.tamperUpdate = { $0.delta = WireWeights(ranges: quadraticRanges, values: [0, 0, 1.1e9]) }
    }
    let result = try await run {
      $0.tamperUpdate = { $0.delta = WireWeights(ranges: quadraticRanges, values: [0, 0, -3e38]) }
    }
    #expect(
      result.rounds[0].leftOut[0].reason.contains("weight values is -3e+38 in b, expected magnitudes up to"))
    var sites = testSites()
    sites[1].tamperUpdate = { $0.controlDelta = WireWeights(ranges: quadraticRanges, values: [0, 1e10, 0]) }
    let scaffold = try await Federation(
      settings: testSettings(rounds: 2), strategy: StrategyChoice("scaffold").make(), trainers: sites,
      evaluators: [], initialModel: startModel, folder: nil
    ).run()
    #expect(scaffold.rounds.allSatisfy { $0.leftOut.map(\.site) == ["Beta"] })
  }

  /// What multiplies all sites' step in FedNova follows from the plan.
  @Test func aNormaliserThatIsNotThePlans() async throws {
    for wrong in [1e12, 1e-5, 5.1] {
      var sites = testSites()
      sites[1].tamperUpdate = { $0.normaliser = wrong }
      for index in [0, 2] { sites[index].tamperUpdate = { $0.normaliser = Double($0.steps) } }
      let result = try await Federation(
        settings: testSettings(rounds: 2), strategy: StrategyChoice("fednova").make(), trainers: sites,
        evaluators: [], initialModel: startModel, folder: nil, normaliser: { _, steps, _ in Double(steps) }
      ).run()
      #expect(result.rounds.allSatisfy { $0.leftOut.map(\.site) == ["Beta"] })
      #expect(result.rounds[0].leftOut[0].reason.contains("normaliser is \(wrong), expected"))
    }
  }

  /// What some weigh sites by: a loss below the least there is, and cases without voxels.
  @Test func weightsThatCannotBe() async throws {
    let changes: [(Weighting, @Sendable (inout WireModelUpdate) -> Void)] = [
      (.inverseLoss, { $0.meanLoss = -1e300 }), (.voxels, { $0.voxels = 0 }),
    ]
    for (weighting, change) in changes {
      var sites = testSites()
      sites[1].tamperUpdate = change
      var settings = testSettings(rounds: 2)
      settings.weighting = weighting
      let result = try await federation(sites, settings: settings).run()
      #expect(result.rounds.allSatisfy { $0.leftOut.map(\.site) == ["Beta"] }, "\(weighting)")
    }
  }

  /// 10¹² cases would outweigh all others: neither the update nor the description is believed.
  @Test func claimsOfTooManyCases() async throws {
    let result = try await run { $0.tamperUpdate = { $0.cases = 1_000_000_000_000 } }
    #expect(
      result.rounds[0].leftOut.map(\.reason) == [
        "Site Beta, round 1: cases is 1000000000000, expected 1, as it has said. "
          + "The answer makes no sense: check that site's release of segfed."
      ])
    let boaster = try await run { $0.cases = 1_000_000_001 }
    #expect(boaster.descriptions.map(\.site) == ["Alpha", "Gamma"])
    #expect(boaster.rounds.allSatisfy { $0.sites.map(\.site) == ["Alpha", "Gamma"] })
    // What nobody could sum.
    let hoarder = try await run { $0.scanBytes = .max }
    #expect(hoarder.descriptions.map(\.site) == ["Alpha", "Gamma"])
  }

  /// Scores of more cases than a site has would make its Dice everyone's.
  @Test func scoresOfMoreCasesThanThereAre() async throws {
    let result = try await run {
      $0.tamperEvaluation = {
        $0.cases += 1000
        for region in $0.regions.indices { $0.regions[region].undefined += 1000 }
      }
    }
    #expect(result.rounds.allSatisfy { $0.unscored.map(\.site) == ["Beta"] })
    #expect(result.untested.map(\.site) == ["Beta"])
    #expect(result.untested[0].reason.contains("as it has said"))
  }

  /// A loss that no power of can be summed.
  @Test func lossesThatCannotBe() async throws {
    var sites = testSites()
    sites[1].tamperUpdate = { $0.startLoss = 1e200 }
    let result = try await Federation(
      settings: testSettings(rounds: 2), strategy: StrategyChoice("qfedavg:q=2").make(), trainers: sites,
      evaluators: [], initialModel: startModel, folder: nil
    ).run()
    #expect(result.rounds.allSatisfy { $0.leftOut.map(\.site) == ["Beta"] })
  }

  /// Krum of five, and a quorum, are not to be had of a round that asks fewer.
  @Test func roundsThatAskTooFew() throws {
    var settings = testSettings(rounds: 1)
    settings.minimumSites = 3
    settings.participation = .fraction(0.5)
    #expect(throws: StrategyError.quorum(found: 2, needed: 3)) {
      try federation(testSites(), settings: settings)
    }
    let five = (1...5).map { number in
      QuadraticSite(
        site: "site-\(number)", centre: [1, 2, 3], cases: 1, identity: testIdentity, log: MessageLog())
    }
    settings.minimumSites = 1
    #expect(throws: StrategyError.tooFewSites(strategy: "krum", found: 3, needed: 5)) {
      _ = try Federation(
        settings: settings, strategy: StrategyChoice("krum").make(), trainers: five, evaluators: [],
        initialModel: startModel, folder: nil)
    }
  }

  @Test func settingsThatCannotWork() async throws {
    let sites = testSites()
    func make(_ trainers: [QuadraticSite]) throws {
      _ = try Federation(
        settings: testSettings(rounds: 1), strategy: FederatedAveraging(), trainers: trainers, evaluators: [],
        initialModel: startModel, folder: nil)
    }
    #expect(throws: CoordinatorError.noTrainers) { try make([]) }
    #expect(throws: CoordinatorError.duplicateSite(site: "Alpha", role: "train")) {
      try make([sites[0], sites[1], sites[0]])
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
