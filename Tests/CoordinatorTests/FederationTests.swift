import Coordinator
import FederationProtocol
import Foundation
import Synchronization
import Testing

struct FederationTests {
  @Test func asksInNameOrderAndTestsOnce() async throws {
    let log = MessageLog()
    _ = try await federation(testSites(log: log).reversed(), settings: testSettings(rounds: 2)).run()
    let names = ["Alpha", "Beta", "Gamma"]
    var expected = names.map { "describe 0 \($0)" }
    for round in 1...2 {
      expected += names.map { "train \(round) \($0)" } + names.map { "validate \(round) \($0)" }
    }
    expected += names.map { "test 2 \($0)" }
    #expect(log.entries.map { "\($0.kind) \($0.round) \($0.site)" } == expected)
  }

  @Test func bandwidthIsTheSumOfAllMessages() async throws {
    let log = MessageLog()
    let result = try await federation(testSites(log: log), settings: testSettings(rounds: 3)).run()
    #expect(result.traffic.map(\.site) == ["Alpha", "Beta", "Gamma"])
    for traffic in result.traffic {
      let messages = log.entries.filter { $0.site == traffic.site }
      #expect(traffic.down == messages.reduce(0) { $0 + $1.down })
      #expect(traffic.up == messages.reduce(0) { $0 + $1.up })
      #expect(traffic.kinds.reduce(0) { $0 + $1.bytes } == traffic.total)
      for record in result.rounds {
        let site = try #require(record.sites.first { $0.site == traffic.site })
        let round = messages.filter { $0.round == record.round && $0.kind != "test" }
        #expect(site.bytesDown == round.reduce(0) { $0 + $1.down })
        #expect(site.bytesUp == round.reduce(0) { $0 + $1.up })
      }
    }
  }

  @Test func heldOutSiteIsTestedOnEveryCaseAndNeverTrains() async throws {
    let log = MessageLog()
    let sites = testSites(log: log)
    let result = try await Federation(
      settings: testSettings(rounds: 2), strategy: FederatedAveraging(), trainers: [sites[2], sites[0]],
      evaluators: sites.map { Evaluator($0, everyCase: $0.site == "Beta") }, initialModel: startModel,
      folder: nil, shouldStop: { false }
    ).run()
    #expect(log.entries.filter { $0.site == "Beta" }.map(\.kind) == ["describe", "test"])
    #expect(result.tests.map(\.cases) == [3, 1 + 2 + 3, 3])
    #expect(result.descriptions.map(\.site) == ["Alpha", "Beta", "Gamma"])
    let without = try await federation([sites[0], sites[2]], settings: testSettings(rounds: 2)).run()
    #expect(result.model == without.model)
  }

  @Test func bestValidationModelIsTheOneTested() async throws {
    // The score of round 2 is the best, round 3 has an equal one.
    let scores = [0.2, 0.9, 0.9, 0.5]
    let sites = testSites().map { site in
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
    let best = try await federation(sites, settings: testSettings(rounds: 4, choice: .bestValidation)).run()
    let two = try await federation(testSites(), settings: testSettings(rounds: 2)).run()
    #expect(best.bestRound == 2)
    #expect(best.modelRound == 2)
    #expect(best.modelChoice == .bestValidation)
    #expect(best.model == two.model)
    #expect(best.tests == two.tests)
    #expect(best.lastModel != best.model)
  }

  @Test func lastModelIsTheDefault() async throws {
    let result = try await federation(testSites(), settings: testSettings(rounds: 3)).run()
    #expect(result.modelChoice == .last)
    #expect(result.modelRound == 3)
    #expect(result.model == result.lastModel)
    #expect(result.interruptedAfterRound == nil)
  }

  @Test func stopKeepsTheWholeRounds() async throws {
    // 3 descriptions and 6 requests a round: the 12th falls into round 2.
    for requests in [2, 5, 9, 12, 15, 17] {
      let counter = Counter()
      let result = try await federation(
        testSites(), settings: testSettings(rounds: 2), shouldStop: { counter.next() >= requests }
      ).run()
      let whole = max(0, (requests - 3) / 6)
      #expect(result.interruptedAfterRound == whole)
      #expect(result.rounds.count == whole)
      #expect(result.tests.isEmpty)
      if whole == 0 {
        #expect(result.model == startModel)
      } else {
        let kept = try await federation(testSites(), settings: testSettings(rounds: whole)).run()
        #expect(result.model == kept.model)
      }
    }
  }

  /// A site of the same process, that is: one that stops by itself is only left out.
  @Test func siteThatWasStoppedEndsTheRun() async throws {
    let log = MessageLog()
    var sites = testSites(log: log)
    sites[1].interruptsInRound = 2
    let result = try await federation(
      sites, settings: testSettings(rounds: 3),
      shouldStop: { log.entries.contains { $0.site == "Beta" && $0.round == 2 } }
    ).run()
    let alone = try await federation(sites, settings: testSettings(rounds: 3)).run()
    #expect(alone.rounds.map { $0.leftOut.map(\.site) } == [[], ["Beta"], []])
    let one = try await federation(testSites(), settings: testSettings(rounds: 1)).run()
    #expect(result.interruptedAfterRound == 1)
    #expect(result.model == one.model)
    #expect(result.tests.isEmpty)
  }

  @Test func siteWithoutValidationCasesDoesNotCount() async throws {
    var sites = testSites()
    sites[0].validationCases = 0
    let result = try await federation(sites, settings: testSettings(rounds: 1)).run()
    let record = result.rounds[0]
    #expect(record.sites[0].validation?.regions == [])
    let means = record.sites.dropFirst().compactMap { $0.validation?.meanOverRegions }
    #expect(record.validation.meanOfSiteMeans == (means[0] + means[1]) / 2)
  }
}

/// Counts calls from 0.
final class Counter: Sendable {
  private let value = Mutex(0)

  func next() -> Int {
    value.withLock { value in
      defer { value += 1 }
      return value
    }
  }
}
