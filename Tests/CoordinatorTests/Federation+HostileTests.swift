import Coordinator
import FederationProtocol
import Foundation
import Synchronization
import Testing

/// Whole federations with a hostile site, and with cases of the coordinator's own.
struct FederationHostileTests {
  /// Six sites around (1, 1, 1); hostile ones send the opposite, tenfold.
  private func sites(hostile: Set<Int> = [5]) -> [QuadraticSite] {
    let shifts: [Float] = [-0.2, 0.1, 0.15, -0.05, 0.2, -0.1]
    return shifts.enumerated().map { index, shift in
      var site = QuadraticSite(
        site: "Site \(index)", centre: [1 + shift, 1 - shift, 1 + shift / 2], cases: 4, identity: testIdentity
      )
      if hostile.contains(index) {
        site.tamperUpdate = { update in
          guard let delta = try? update.delta.values(expecting: quadraticRanges, site: "", round: 1) else {
            return
          }
          update.delta = WireWeights(ranges: quadraticRanges, values: delta.map { -10 * $0 })
        }
      }
      return site
    }
  }

  private func run(
    _ text: String, _ sites: [QuadraticSite], root: (any SiteConnection)? = nil,
    change: (inout FederationSettings) -> Void = { _ in },
    observer: @escaping Federation.Observer = { _ in }
  ) async throws -> FederationResult {
    var settings = testSettings(rounds: 12)
    change(&settings)
    return try await Federation(
      settings: settings, strategy: try StrategyChoice(text).make(), trainers: sites, evaluators: [],
      root: root, initialModel: startModel, folder: nil, shouldStop: { false }
    ).run(observer: observer)
  }

  private var root: QuadraticSite {
    QuadraticSite(site: "coordinator", centre: [1.05, 0.95, 1], cases: 2, identity: testIdentity)
  }

  private func distance(_ result: FederationResult) -> Double {
    result.model.values.reduce(0.0) { $0 + Double(($1 - 1) * ($1 - 1)) }.squareRoot()
  }

  @Test(arguments: [
    "median", "trimmedmean", "krum", "multikrum", "rfa", "normclip", "fltrust",
  ])
  func robustOnesComeCloseWhereTheMeanIsLost(text: String) async throws {
    let mean = distance(try await run("fedavg", sites()))
    #expect(mean > 3)
    let found = distance(try await run(text, sites(), root: text == "fltrust" ? root : nil))
    #expect(found < 0.5, "\(found)")
    // Without anyone hostile little is lost.
    let clean = distance(try await run(text, sites(hostile: []), root: text == "fltrust" ? root : nil))
    #expect(clean < 0.3, "\(clean)")
  }

  /// The hostile site is named in the first round, and no other is in any.
  @Test(arguments: ["median", "krum", "rfa", "fltrust", "fedavg"])
  func theHostileSiteIsNamed(text: String) async throws {
    let result = try await run(text, sites(), root: text == "fltrust" ? root : nil) {
      $0.screensUpdates = true
    }
    let suspects = result.rounds.map { $0.verdicts.filter { $0.suspicion != nil }.map(\.site) }
    #expect(suspects[0] == ["Site 5"])
    #expect(result.rounds.allSatisfy { $0.verdicts.map(\.site) == $0.sites.map(\.site) })
    let clean = try await run(text, sites(hostile: []), root: text == "fltrust" ? root : nil) {
      $0.screensUpdates = true
    }
    #expect(clean.rounds[0].verdicts.allSatisfy { $0.suspicion == nil })
  }

  /// Suspected in three rounds, a site is asked no more: the journal says why, and the later rounds are those of the others.
  @Test(arguments: ["fedavg", "median"])
  func aSuspectIsExcluded(text: String) async throws {
    let told = Mutex<[String]>([])
    let result = try await run(
      text, sites(), change: { $0.excludeAfter = 3 },
      observer: { event in
        if case .leftOut(let round, let absence) = event {
          told.withLock { $0.append("\(round) \(absence.site)") }
        }
      })
    #expect(result.rounds.map { $0.sites.count } == [6, 6, 6] + [Int](repeating: 5, count: 9))
    #expect(
      result.rounds[11].leftOut == [
        Absence(
          site: "Site 5",
          reason:
            "Site Site 5, round 12: it is excluded: its updates were suspected in 3 rounds (--exclude-after).",
          isExclusion: true)
      ])
    #expect(told.withLock { $0 } == ["4 Site 5"])
    #expect(distance(result) < 0.3)
    // The rounds before were those of a run that excludes nobody.
    let other = try await run(text, sites()) { $0.screensUpdates = true }
    #expect(result.rounds[2].modelDigest == other.rounds[2].modelDigest)
    #expect(result.rounds[3].modelDigest != other.rounds[3].modelDigest)
  }

  /// Krum for one hostile site needs five: of two suspects one is excluded, and stays so, though the other is suspected more often
  /// in the end.
  @Test func noMoreAreExcludedThanTheQuorumAllows() async throws {
    let result = try await run("krum", sites(hostile: [4, 5])) { $0.excludeAfter = 2 }
    #expect(result.rounds.dropFirst(2).allSatisfy { $0.leftOut.map(\.site) == ["Site 4"] })
    // Half of the sites cannot be told from the others.
    let half = try await run("fedavg", sites(hostile: [3, 4, 5])) { $0.excludeAfter = 1 }
    #expect(half.rounds.allSatisfy { $0.leftOut.count < 3 })
  }

  /// Of those that are left a round can still be drawn, and some of them may not answer.
  @Test func aRoundCanStillBeHad() async throws {
    let records = (1...4).map { round in
      RoundRecord(
        round: round, sites: [], leftOut: round < 3 ? [] : [Absence(site: "b", reason: "away")],
        verdicts: ["a", "b", "c", "d", "e", "f"].map {
          Verdict(site: $0, share: nil, suspicion: ["a", "c"].contains($0) ? "odd" : nil)
        })
    }
    func excluded(_ rounds: Int, _ participation: Participation, quorum: Int) -> [String] {
      Exclusion(
        limit: 2, sites: ["a", "b", "c", "d", "e", "f"], participation: participation, quorum: quorum
      ).suspects(Array(records.prefix(rounds))).map(\.site)
    }
    #expect(excluded(1, .all, quorum: 1) == [])
    #expect(excluded(2, .all, quorum: 1) == ["a", "c"])
    #expect(excluded(2, .all, quorum: 5) == ["a"])
    #expect(excluded(2, .all, quorum: 6) == [])
    #expect(excluded(2, .fraction(0.5), quorum: 3) == ["a"])
    #expect(excluded(4, .all, quorum: 5) == ["a"])
    #expect(
      Exclusion(limit: 3, sites: ["a", "b", "c", "d", "e", "f"], participation: .all, quorum: 5)
        .suspects(records).map(\.site) == [])
  }

  @Test(arguments: ["scaffold", "feddyn"])
  func whatStaysInAStrategyIsNotExcluded(text: String) async throws {
    await #expect(throws: StrategyError.notExcludable(strategy: text)) {
      _ = try await run(text, sites()) { $0.excludeAfter = 3 }
    }
  }

  @Test func cyclicTransferLooksAtNoUpdate() async throws {
    for change in [{ $0.screensUpdates = true }, { $0.excludeAfter = 3 }]
      as [(inout FederationSettings) -> Void]
    {
      await #expect(throws: StrategyError.notScreened(strategy: "cyclic")) {
        _ = try await run("cyclic", sites(), change: change)
      }
    }
  }

  /// Nothing of the coordinator's own cases is on the wire; without any, fltrust is refused, as Krum is with too few sites.
  @Test func whatIsNeededIsSaid() async throws {
    let with = try await run("fltrust", sites(), root: root)
    #expect(with.traffic.map(\.site) == sites().map(\.site))
    await #expect(throws: StrategyError.noRoot(strategy: "fltrust")) { _ = try await run("fltrust", sites()) }
    await #expect(throws: StrategyError.tooFewSites(strategy: "krum", found: 6, needed: 7)) {
      _ = try await run("krum:hostile=2", sites())
    }
    await #expect(throws: StrategyError.weights(strategy: "median", found: "voxels")) {
      _ = try await run("median", sites()) { $0.weighting = .voxels }
    }
    await #expect(throws: StrategyError.nothingPersonal(strategy: "fedbn", kind: "normalisation layers")) {
      _ = try await run("fedbn", sites())
    }
    await #expect(throws: StrategyError.bestValidation(strategy: "ditto")) {
      _ = try await run("ditto", sites()) { $0.modelChoice = .bestValidation }
    }
    await #expect(throws: StrategyError.keptMomentum(strategy: "fednova")) {
      _ = try await run("fednova", sites()) { $0.keepOptimizerState = true }
    }
  }
}
