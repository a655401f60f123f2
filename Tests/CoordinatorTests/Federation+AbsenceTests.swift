import Coordinator
import FederationProtocol
import Foundation
import Foundations
import Synchronization
import TestSupport
import Testing

/// A site that fails in its own way in some rounds, as the first thing that it does there.
struct FailingSite: SiteConnection {
  enum Failure: Sendable {
    case throwing
    /// Never answers the request, whatever becomes of its task.
    case stalling
    case refusing
  }
  struct Broken: Error {}

  let base: QuadraticSite
  let failure: Failure
  let rounds: ClosedRange<Int>

  var site: String { base.site }

  func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let codec = EnvelopeCodec(identity: base.identity, site: site)
    let (round, request) = try codec.openRequest(message)
    guard case .train = request, rounds.contains(round) else { return try await base.exchange(message) }
    switch failure {
    case .throwing: throw Broken()
    case .stalling: return await withCheckedContinuation { _ = $0 }
    case .refusing: return try codec.seal(WireRefusal("out of memory"), round: round)
    }
  }
}

/// Sites that are not there change nothing for the others, and come back.
struct FederationAbsenceTests {
  private func run(
    _ sites: [any SiteConnection], _ settings: FederationSettings, folder: CoordinatorFolder? = nil
  ) async throws -> FederationResult {
    try await Federation(
      settings: settings, strategy: FederatedAveraging(), trainers: sites,
      evaluators: sites.map { Evaluator($0) }, initialModel: startModel, folder: folder,
      shouldStop: { false }
    ).run()
  }

  private func sites(_ failure: FailingSite.Failure, in rounds: ClosedRange<Int>) -> [any SiteConnection] {
    let all = testSites()
    return [all[0], FailingSite(base: all[1], failure: failure, rounds: rounds), all[2]]
  }

  /// The weights are those of a run in which that site sat the rounds out.
  @Test(arguments: [FailingSite.Failure.throwing, .refusing])
  func aSiteThatFailsIsLeftOutAndComesBack(failure: FailingSite.Failure) async throws {
    let result = try await run(sites(failure, in: 2...3), testSettings(rounds: 4))
    #expect(result.rounds.map { $0.sites.count } == [3, 2, 2, 3])
    #expect(result.rounds.map { $0.leftOut.map(\.site) } == [[], ["Beta"], ["Beta"], []])
    #expect(result.rounds[1].leftOut[0].reason.hasPrefix("Site Beta, round 2: "))
    // The same by hand: rounds of three, two, two and three sites.
    var model = startModel
    for present in [[0, 1, 2], [0, 2], [0, 2], [0, 1, 2]] {
      let some = present.map { testSites()[$0] }
      let round = try await Federation(
        settings: testSettings(rounds: 1), strategy: FederatedAveraging(), trainers: some, evaluators: [],
        initialModel: model, folder: nil, shouldStop: { false }
      ).run()
      model = round.model
    }
    #expect(result.model == model)
  }

  @Test(.timeLimit(.minutes(10)))
  func aSiteThatStallsIsLeftOutAtItsDeadline() async throws {
    var settings = testSettings(rounds: 3)
    settings.deadline = 0.2
    let result = try await run(sites(.stalling, in: 2...2), settings)
    let names = result.rounds.map { $0.leftOut.map(\.site) }
    #expect(names == [[], ["Beta"], ["Beta"]])
    #expect(result.rounds[1].leftOut[0].reason.contains("no answer 0.2 s after its work started"))
    // It has not come back from that, and is not asked again before it has.
    #expect(result.rounds[2].leftOut[0].reason.contains("still at work for round 2"))
    let other = try await run(sites(.throwing, in: 2...3), testSettings(rounds: 3))
    #expect(result.model == other.model)
  }

  @Test func fewerThanTheQuorumEndTheRun() async throws {
    var settings = testSettings(rounds: 3)
    settings.minimumSites = 3
    let error = await #expect(throws: CoordinatorError.self) {
      _ = try await run(sites(.throwing, in: 2...2), settings)
    }
    guard case .quorumMissed(2, 2, 3, let absences) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(absences.map(\.site) == ["Beta"])
  }

  /// A single site's own error says more than that it is missing.
  @Test func theOnlySiteThatFailsIsNamedByItsOwnError() async {
    let site = FailingSite(base: testSites()[0], failure: .throwing, rounds: 1...9)
    let error = await #expect(throws: CoordinatorError.self) {
      _ = try await run([site], testSettings(rounds: 2))
    }
    guard case .siteUnreachable("Alpha", 1, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// A site that is not there at the begin joins when it is.
  @Test func aSiteThatComesLaterJoins() async throws {
    struct LateSite: SiteConnection {
      struct Away: Error {}
      let base: QuadraticSite
      let counter = Counter()
      var site: String { base.site }
      func exchange(_ message: [UInt8]) async throws -> [UInt8] {
        if counter.next() < 2 { throw Away() }
        return try await base.exchange(message)
      }
    }
    let all = testSites()
    let result = try await run([all[0], all[1], LateSite(base: all[2])], testSettings(rounds: 3))
    #expect(result.rounds.map { $0.sites.count } == [2, 3, 3])
    #expect(result.rounds[0].leftOut.map(\.site) == ["Gamma"])
    #expect(result.descriptions.map(\.site) == ["Alpha", "Beta", "Gamma"])
  }

  /// Who was in a round that was cut off is who is in it when it is repeated: also where the site that failed then would not now.
  @Test func aResumeHoldsToWhoWasInTheRound() async throws {
    let folder = try TemporaryFolder()
    let settings = testSettings(rounds: 3)
    let whole = try await run(
      sites(.throwing, in: 2...2), settings, folder: try testFolder(folder.file("whole"), settings: settings))
    // Stopped behind round 2's training: Alpha's validation is the tenth message that is answered.
    let counter = Counter()
    let path = folder.file("cut")
    let stopped = try await Federation(
      settings: settings, strategy: FederatedAveraging(), trainers: sites(.throwing, in: 2...2),
      evaluators: sites(.throwing, in: 2...2).map { Evaluator($0) }, initialModel: startModel,
      folder: try testFolder(path, settings: settings), shouldStop: { counter.next() >= 13 }
    ).run()
    #expect(stopped.rounds.count == 1)
    let journal = try String(contentsOfFile: path + "/rounds.jsonl", encoding: .utf8)
    #expect(journal.contains("\"entry\":\"attendance\""))
    let header = JournalHeader(
      settings: settings, strategy: .fedAvg, configDigest: "c0ffee", numerics: testNumerics)
    let resumed = try await run(
      testSites(), settings,
      folder: try CoordinatorFolder.open(
        path: path, header: header, modelMetadata: ["plan": "widths: [8]"], resuming: true))
    #expect(resumed.model == whole.model)
    #expect(resumed.rounds.map { $0.leftOut.map(\.site) } == [[], ["Beta"], []])
  }

  @Test(arguments: [1, 2, 3, 7])
  func sitesAtOnceChangeNoBit(count: Int) async throws {
    var settings = testSettings(rounds: 4)
    let reference = try await run(testSites(), settings)
    settings.sitesAtOnce = count
    let result = try await run(testSites(), settings)
    #expect(result.model == reference.model)
    #expect(result.rounds == reference.rounds)
    #expect(result.tests == reference.tests)
  }
}
