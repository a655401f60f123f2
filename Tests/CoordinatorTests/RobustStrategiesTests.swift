import Coordinator
import Foundation
import Foundations
import TestSupport
import Testing

/// Robust aggregation against its papers' rules in NumPy, and what hostile sites can do to it.
struct RobustStrategiesTests {
  private static let choices = [
    "median", "trimmedmean", "trimmedmean:trim=0.34", "krum", "krum:hostile=0", "multikrum",
    "multikrum:hostile=2,keep=3", "rfa", "rfa:iterations=3", "rfa:nu=0.5,iterations=20", "fltrust",
    "normclip", "normclip:norm=20",
  ]
  /// Odd sizes, one of exactly a block, and one that goes over its end.
  private static let rounds = [
    (sites: 3, size: 7), (sites: 4, size: 1001), (sites: 5, size: UpdateSpool.blockSize),
    (sites: 9, size: UpdateSpool.blockSize + 4465),
  ].map { RobustRound.honest(sites: $0.sites, size: $0.size, seed: UInt64($0.sites)) }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage), arguments: choices)
  func followThePapersRule(text: String) throws {
    let choice = try StrategyChoice(text)
    let name = choice.descriptor.name
    let words = choice.description.split(separator: ":").dropFirst().joined().split(separator: ",")
    for var round in Self.rounds where round.updates.count >= choice.make().minimumSites {
      let (sites, size) = (round.updates.count, round.size)
      if name == "normclip" { round.weights = [Double](repeating: 1, count: sites) }
      var input = [Double(sites), Double(size), 1] + round.weights
      input += try #require(round.root).map { Double($0) }
      input += round.updates.joined().map { Double($0) }
      let expected = RawArray.doubles(
        try PythonReference.run(
          script: "robust_reference.py", arguments: [name] + words.map(String.init),
          input: RawArray.bytes(input)))
      try #require(expected.count == size + sites)
      let selection = name == "normclip" ? Selection(step: try round.sum(text)) : try round.select(text)
      try #require(selection.step.count == size)
      var worst = 0.0
      for (value, wanted) in zip(selection.step, expected) {
        worst = max(worst, abs(Double(value) - wanted) / max(1, abs(wanted)))
      }
      #expect(worst < 1e-6, "\(sites) sites, \(size) values")
      for (verdict, wanted) in zip(selection.verdicts, expected.suffix(sites)) {
        if let share = verdict.share {
          #expect(abs(share - wanted) < 1e-6, "\(verdict.site) of \(sites), \(size) values")
        } else {
          #expect(wanted.isNaN)
        }
      }
      #expect(selection.verdicts.map(\.site) == (name == "normclip" ? [] : (0..<sites).map(RobustRound.name)))
    }
  }

  /// Sorting and ranking do not know sites apart, down to the last bit; sums over sites differ in their rounding.
  @Test(arguments: ["median", "trimmedmean", "krum", "multikrum", "rfa", "fltrust"])
  func theOrderOfTheSitesDoesNotMatter(text: String) throws {
    let round = RobustRound.honest(sites: 6, size: 501, seed: 11)
    var stream = RandomStream(seed: 12, purpose: .test)
    let step = try round.select(text).step
    for _ in 0..<4 {
      var other = round
      let order = stream.permutation(6)
      other.updates = order.map { round.updates[$0] }
      other.weights = order.map { round.weights[$0] }
      let turned = try other.select(text).step
      if text == "rfa" || text == "fltrust" {
        #expect(RobustRound.distance(turned, step.map { Double($0) }) < 1e-5)
      } else {
        #expect(turned.map(\.bitPattern) == step.map(\.bitPattern))
      }
    }
  }

  /// However large it is, one update of five moves no element beyond what honest sites send.
  @Test(arguments: ["median", "trimmedmean", "krum", "multikrum"], [Float(1e6), -1e30])
  func aHugeUpdateStaysAmongHonestOnes(text: String, size: Float) throws {
    var round = RobustRound.honest(sites: 5, size: 301, seed: 21)
    round.updates[2] = round.updates[2].map { _ in size }
    let honest = [0, 1, 3, 4].map { round.updates[$0] }
    let step = try round.select(text).step
    for index in step.indices {
      let values = honest.map { $0[index] }
      #expect(try #require(values.min()) - 1e-5...(try #require(values.max()) + 1e-5) ~= step[index])
    }
  }

  /// The geometric median goes no farther from the honest mean than twice the farthest honest update.
  @Test(arguments: [Float(1e6), -1e30])
  func aHugeUpdateMovesTheGeometricMedianLittle(size: Float) throws {
    var round = RobustRound.honest(sites: 5, size: 301, seed: 22)
    round.weights = []
    round.updates[4] = round.updates[4].map { _ in size }
    let honest = round.mean(first: 4)
    let spread = try #require(round.updates.prefix(4).map { RobustRound.distance($0, honest) }.max())
    let selection = try round.select("rfa")
    #expect(RobustRound.distance(selection.step, honest) < 2 * spread)
    let hostile = selection.verdicts[4]
    #expect(try #require(hostile.share) < 1e-3)
    #expect(hostile.suspicion?.contains("far off: its share in the geometric median is") == true)
    #expect(selection.verdicts.prefix(4).allSatisfy { $0.suspicion == nil })
    let shares = selection.verdicts.compactMap(\.share)
    #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
  }

  @Test func clippingBoundsTheStep() throws {
    var round = RobustRound.honest(sites: 5, size: 301, seed: 23)
    round.updates[4] = round.updates[4].map { $0 * 1e6 }
    let norms = round.updates.map { RobustRound.norm($0.map { Double($0) }) }.sorted()
    func norm(_ text: String) throws -> Double { RobustRound.norm(try round.sum(text).map { Double($0) }) }
    #expect(try norm("normclip:norm=0.5") <= 0.5 + 1e-6)
    #expect(try norm("normclip") <= norms[2] + 1e-6)
    // A limit that none reaches is plain averaging.
    #expect(try round.sum("normclip:norm=1e9") == round.sum("fedavg"))
  }

  @Test func updatesAgainstTheCoordinatorsOwnAreIgnored() throws {
    let honest = RobustRound.honest(sites: 3, size: 301, seed: 24)
    let root = try #require(honest.root)
    var attacked = honest
    attacked.updates.append(root.map { -1000 * $0 })
    attacked.weights.append(5)
    let (plain, selection) = (try honest.select("fltrust"), try attacked.select("fltrust"))
    #expect(selection.step == plain.step)
    #expect(selection.verdicts[3].share == 0)
    #expect(selection.verdicts[3].suspicion?.contains("points away from the coordinator's own") == true)
    #expect(selection.verdicts.prefix(3).map(\.share) == plain.verdicts.map(\.share))
    // No longer than the coordinator's own.
    let length = RobustRound.norm(root.map { Double($0) })
    #expect(RobustRound.norm(selection.step.map { Double($0) }) <= length * (1 + 1e-6))

    let against = RobustRound(updates: [root.map { -$0 }, root.map { -2 * $0 }], root: root)
    let nothing = try against.select("fltrust")
    #expect(nothing.step.allSatisfy { $0 == 0 })
    #expect(nothing.verdicts.map(\.share) == [0, 0])
  }

  @Test func trustNeedsAnUpdateOfTheCoordinatorsOwn() throws {
    var round = RobustRound.honest(sites: 3, size: 7, seed: 25)
    round.root = nil
    let error = #expect(throws: StrategyError.self) { try round.select("fltrust") }
    #expect(error == .noRoot(strategy: "fltrust"))
    #expect(StrategyChoice.descriptors.filter(\.needsRoot).map(\.name) == ["fltrust"])
  }

  /// Of two that are equal the first by name is taken.
  @Test func krumBreaksTiesByName() throws {
    let round = RobustRound(updates: [[9, 0], [1, 1], [1, 1], [1, 1], [0, 9]])
    #expect(try round.select("krum").verdicts.map(\.share) == [0, 1, 0, 0, 0])
  }

  @Test(arguments: [
    ("median", 1), ("trimmedmean", 5), ("trimmedmean:trim=0.34", 3), ("trimmedmean:trim=0.1", 10),
    ("krum", 5), ("krum:hostile=0", 3), ("krum:hostile=2", 7), ("multikrum:hostile=3", 9),
    ("multikrum:keep=6", 6), ("rfa", 1), ("normclip", 1), ("fltrust", 1),
  ])
  func fewSitesAreRefused(text: String, needed: Int) throws {
    let strategy = try StrategyChoice(text).make()
    #expect(strategy.minimumSites == needed)
    guard needed > 3 else { return }
    let error = #expect(throws: StrategyError.self) {
      try Federation(
        settings: testSettings(rounds: 1), strategy: strategy, trainers: testSites(), evaluators: [],
        initialModel: startModel, folder: nil)
    }
    #expect(error == .tooFewSites(strategy: strategy.name, found: 3, needed: needed))
  }

  /// One of five sites sends an update of a thousand times the others': the round's verdicts name it, and the model stays near.
  @Test(arguments: ["median", "trimmedmean", "krum", "multikrum", "rfa"])
  func aFederationNamesAHostileSite(text: String) async throws {
    let centres: [(String, [Float])] = [
      ("Alpha", [1, 2, 3]), ("Beta", [1.2, 2.1, 2.8]), ("Gamma", [0.8, 1.8, 3.1]),
      ("Delta", [1.1, 2.2, 3.2]),
      ("Hostile", [4000, 3000, 9000]),
    ]
    let sites = centres.map { QuadraticSite(site: $0.0, centre: $0.1, identity: testIdentity) }
    let result = try await Federation(
      settings: testSettings(rounds: 1), strategy: StrategyChoice(text).make(), trainers: sites,
      evaluators: [], initialModel: startModel, folder: nil, shouldStop: { false }
    ).run()
    let verdicts = try #require(result.rounds.first).verdicts
    #expect(verdicts.map(\.site) == ["Alpha", "Beta", "Delta", "Gamma", "Hostile"])
    #expect(verdicts.filter { $0.suspicion != nil }.map(\.site) == ["Hostile"])
    for (value, (start, centre)) in zip(result.model.values, zip(startModel.values, [1, 2, 3] as [Float])) {
      #expect(abs(value - (start + (1 - pow(0.9, 5)) * (centre - start))) < 0.5)
    }
  }
}
