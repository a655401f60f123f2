import Coordinator
import FederationProtocol
import Foundation
import Testing

/// Whole federations with a hostile site, and with cases of the coordinator's own.
struct FederationHostileTests {
  /// Six sites around (1, 1, 1); the last one sends the opposite, tenfold.
  private func sites(hostile: Bool = true) -> [QuadraticSite] {
    let shifts: [Float] = [-0.2, 0.1, 0.15, -0.05, 0.2, -0.1]
    return shifts.enumerated().map { index, shift in
      var site = QuadraticSite(
        site: "Site \(index)", centre: [1 + shift, 1 - shift, 1 + shift / 2], cases: 4, identity: testIdentity
      )
      if hostile && index == 5 {
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
    change: (inout FederationSettings) -> Void = { _ in }
  ) async throws -> FederationResult {
    var settings = testSettings(rounds: 12)
    change(&settings)
    return try await Federation(
      settings: settings, strategy: try StrategyChoice(text).make(), trainers: sites, evaluators: [],
      root: root, initialModel: startModel, folder: nil, shouldStop: { false }
    ).run()
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
    let clean = distance(try await run(text, sites(hostile: false), root: text == "fltrust" ? root : nil))
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
    let clean = try await run(text, sites(hostile: false), root: text == "fltrust" ? root : nil) {
      $0.screensUpdates = true
    }
    #expect(clean.rounds[0].verdicts.allSatisfy { $0.suspicion == nil })
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
