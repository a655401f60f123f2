import Coordinator
import FederationProtocol
import Foundation
import Foundations
import TestSupport
import Testing

/// A connection at which the whole run is stopped at one message, as a process is that is killed there.
private struct BreakingSite: SiteConnection {
  let base: QuadraticSite
  let counter: Counter
  let limit: Int

  var site: String { base.site }

  func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    if counter.next() >= limit { throw CancellationError() }
    return try await base.exchange(message)
  }
}

/// A site that says once, in one round, that it has lost its state.
private struct ForgetfulSite: SiteConnection {
  let base: QuadraticSite
  let round: Int
  let counter = Counter()

  var site: String { base.site }

  func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let codec = EnvelopeCodec(identity: base.identity, site: site)
    let (round, request) = try codec.openRequest(message)
    if case .train = request, round == self.round, counter.next() == 0 {
      return try codec.seal(WireRefusal("forgotten", code: .stateLost), round: round)
    }
    return try await base.exchange(message)
  }
}

struct FederationResumeTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(
    _ name: String, _ settings: FederationSettings, _ strategy: StrategyChoice, resuming: Bool
  ) throws -> CoordinatorFolder {
    let header = JournalHeader(
      settings: settings, strategy: strategy, configDigest: "c0ffee", numerics: testNumerics)
    return try CoordinatorFolder.open(path: folder.file(name), header: header, resuming: resuming)
  }

  private func run(
    _ name: String, _ settings: FederationSettings, strategy: StrategyChoice = .fedAvg, resuming: Bool,
    sites: [any SiteConnection] = testSites(), shouldStop: @escaping @Sendable () -> Bool = { false }
  ) async throws -> FederationResult {
    try await Federation(
      settings: settings, strategy: strategy.make(), trainers: sites,
      evaluators: sites.map { Evaluator($0) }, initialModel: startModel,
      folder: try open(name, settings, strategy, resuming: resuming), shouldStop: shouldStop
    ).run()
  }

  private func files(_ name: String) throws -> [String: Data] {
    let root = folder.file(name)
    let names = try FileManager.default.subpathsOfDirectory(atPath: root)
    return Dictionary(
      uniqueKeysWithValues: try names.filter { !Folder.exists(root + "/" + $0) }.map {
        ($0, try Data(contentsOf: URL(fileURLWithPath: root + "/" + $0)))
      })
  }

  private func check(
    _ result: FederationResult, _ whole: FederationResult, name: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(result.model == whole.model, sourceLocation: sourceLocation)
    #expect(result.rounds == whole.rounds, sourceLocation: sourceLocation)
    #expect(result.tests == whole.tests, sourceLocation: sourceLocation)
    #expect(result.traffic == whole.traffic, sourceLocation: sourceLocation)
    #expect(result.bestRound == whole.bestRound, sourceLocation: sourceLocation)
    #expect(result.descriptions == whole.descriptions, sourceLocation: sourceLocation)
    #expect(try files(name) == files("whole"), sourceLocation: sourceLocation)
  }

  /// Whichever message the process dies at, the resumed run is the uninterrupted one: model, journal, traffic and files.
  @Test(arguments: [ModelChoice.last, .bestValidation])
  func everyMessageMayBeTheLast(choice: ModelChoice) async throws {
    let settings = testSettings(rounds: 3, choice: choice)
    let whole = try await run("whole", settings, resuming: false)
    // 3 descriptions, 6 requests a round, 3 tests.
    for limit in 0..<24 {
      let counter = Counter()
      let sites = testSites().map { BreakingSite(base: $0, counter: counter, limit: limit) }
      let name = "killed-\(limit)"
      let stopped = try await run(name, settings, resuming: false, sites: sites)
      #expect(stopped.interruptedAfterRound != nil)
      let result = try await run(name, settings, resuming: true)
      try check(result, whole, name: name)
    }
  }

  @Test func aStoppedRunGoesOn() async throws {
    let settings = testSettings(rounds: 3)
    let whole = try await run("whole", settings, resuming: false)
    for requests in [1, 5, 12, 22] {
      let counter = Counter()
      let name = "stopped-\(requests)"
      let stopped = try await run(
        name, settings, resuming: false, shouldStop: { counter.next() >= requests })
      #expect(stopped.interruptedAfterRound != nil)
      try check(try await run(name, settings, resuming: true), whole, name: name)
    }
  }

  /// What a strategy keeps from round to round is in the checkpoints.
  @Test(arguments: ["fedavgm", "fedadam:eta=0.1", "fedyogi:eta=0.1", "fedadagrad:eta=0.1"])
  func aStrategysStateGoesOn(text: String) async throws {
    let (settings, strategy) = (testSettings(rounds: 4), try StrategyChoice(text))
    let whole = try await run("whole", settings, strategy: strategy, resuming: false)
    for requests in [8, 13, 20] {
      let counter = Counter()
      let name = "stopped-\(requests)"
      _ = try await run(
        name, settings, strategy: strategy, resuming: false, shouldStop: { counter.next() >= requests })
      let result = try await run(name, settings, strategy: strategy, resuming: true)
      try check(result, whole, name: name)
    }
    let plain = try await run("plain", settings, resuming: false)
    #expect(plain.model != whole.model)
  }

  /// Who was excluded before the process died stays so, and who was not is when it goes on.
  @Test func exclusionGoesOn() async throws {
    var settings = testSettings(rounds: 4)
    settings.excludeAfter = 2
    func sites() -> [QuadraticSite] {
      var sites = testSites()
      sites[1].tamperUpdate = { update in
        let delta = (try? update.delta.values(expecting: quadraticRanges, site: "", round: 1)) ?? []
        update.delta = WireWeights(ranges: quadraticRanges, values: delta.map { -100 * $0 })
      }
      return sites
    }
    let whole = try await run("whole", settings, resuming: false, sites: sites())
    #expect(whole.rounds.map { $0.leftOut.map(\.site) } == [[], [], ["Beta"], ["Beta"]])
    // 3 descriptions, 6 requests in each of two rounds, 4 in the others, 3 tests.
    for limit in 0..<26 {
      let counter = Counter()
      let name = "killed-\(limit)"
      _ = try await run(
        name, settings, resuming: false,
        sites: sites().map { BreakingSite(base: $0, counter: counter, limit: limit) })
      try check(
        try await run(name, settings, resuming: true, sites: sites()), whole, name: name)
    }
  }

  /// A run that was tested is not tested again.
  @Test func aTestedRunIsNotTestedAgain() async throws {
    let settings = testSettings(rounds: 2)
    let whole = try await run("whole", settings, resuming: false)
    let log = MessageLog()
    let again = try await run("whole", settings, resuming: true, sites: testSites(log: log))
    #expect(log.entries.isEmpty)
    #expect(again.tests == whole.tests && again.model == whole.model)
    #expect(again.traffic.map(\.down) == whole.traffic.map(\.down))
  }

  /// Where a site has lost what the newest checkpoint would go on from, the run goes back to the one before.
  @Test func itGoesBackWhereASiteForgot() async throws {
    let settings = testSettings(rounds: 4)
    let whole = try await run("whole", settings, resuming: false)
    let counter = Counter()
    // Dies in round 4.
    let sites = testSites().map { BreakingSite(base: $0, counter: counter, limit: 3 + 18 + 1) }
    #expect(
      try await run("killed", settings, resuming: false, sites: sites).interruptedAfterRound == 3)
    let log = MessageLog()
    var forgetful: [any SiteConnection] = testSites(log: log)
    forgetful[1] = ForgetfulSite(base: testSites(log: log)[1], round: 4)
    let result = try await run("killed", settings, resuming: true, sites: forgetful)
    #expect(log.entries.filter { $0.kind == "train" && $0.site == "Beta" }.map(\.round) == [3, 4])
    try check(result, whole, name: "killed")
  }

  @Test func aDamagedJournalIsNotGoneOnWith() async throws {
    let settings = testSettings(rounds: 2)
    _ = try await run("run", settings, resuming: false)
    let path = folder.file("run/rounds.jsonl")
    let journal = try String(contentsOfFile: path, encoding: .utf8)
    try journal.replacing("\"round\":1", with: "\"round\":7").write(
      toFile: path, atomically: false, encoding: .utf8)
    await #expect(
      throws: CoordinatorError.noValidCheckpoint(folder: folder.file("run/checkpoints"), found: 2)
    ) { _ = try await run("run", settings, resuming: true) }
    try ("x" + journal).write(toFile: path, atomically: false, encoding: .utf8)
    await #expect(throws: CoordinatorError.otherJournal(path: path)) {
      _ = try await run("run", settings, resuming: true)
    }
  }

  // MARK: - Early stopping
  /// Sites whose validation scores are given, round by round.
  private func sites(scoring scores: [Double], log: MessageLog) -> [QuadraticSite] {
    testSites(log: log).map { site in
      var site = site
      let counter = Counter()
      site.tamperEvaluation = { evaluation in
        guard evaluation.part == .validation else { return }
        let round = counter.next()
        for index in evaluation.regions.indices {
          evaluation.regions[index].mean = scores[round]
          evaluation.regions[index].minimum = 0
        }
      }
      return site
    }
  }

  @Test func patienceEndsTraining() async throws {
    var settings = testSettings(rounds: 10, choice: .bestValidation)
    settings.patience = 3
    let log = MessageLog()
    // An equal score is no better one.
    let scores = [0.2, 0.5, 0.4, 0.7, 0.7, 0.1, 0.6, 0.9]
    let result = try await run("run", settings, resuming: false, sites: sites(scoring: scores, log: log))
    #expect(result.rounds.count == 7)
    #expect(result.bestRound == 4 && result.modelRound == 4)
    #expect(result.earlyStopping?.stoppedAfterRound == 7)
    #expect(result.earlyStopping?.patience == 3)
    #expect(result.interruptedAfterRound == nil && result.tests.count == 3)
    // Test cases are scored once at each site, behind everything else.
    let tests = log.entries.suffix(3)
    #expect(
      tests.map(\.kind) == ["test", "test", "test"] && tests.map(\.site) == ["Alpha", "Beta", "Gamma"])
    #expect(log.entries.filter { $0.kind == "test" }.count == 3)
    let end = try #require(try RunJournal.end(at: folder.file("run/rounds.jsonl")))
    #expect(end.earlyStopping == result.earlyStopping && end.modelRound == 4)
  }

  @Test func withoutPatienceAllRoundsAreRun() async throws {
    var settings = testSettings(rounds: 4)
    settings.patience = 9
    let scores = [0.5, 0.4, 0.3, 0.2]
    let result = try await run(
      "run", settings, resuming: false, sites: sites(scoring: scores, log: MessageLog()))
    #expect(result.rounds.count == 4 && result.earlyStopping?.stoppedAfterRound == nil)
    #expect(result.earlyStopping?.bestRound == 1)
  }

  @Test func patienceNeedsValidationCases() async throws {
    var settings = testSettings(rounds: 2)
    settings.patience = 1
    var sites = testSites()
    for index in sites.indices { sites[index].validationCases = 0 }
    await #expect(throws: CoordinatorError.noValidationCases) {
      _ = try await run("run", settings, resuming: false, sites: sites)
    }
  }
}
