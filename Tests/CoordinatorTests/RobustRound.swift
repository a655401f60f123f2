import Coordinator
import Foundations
import TestSupport
import Testing

/// A round's updates, for strategies that stand between them and the model.
struct RobustRound {
  var updates: [[Float]]
  /// One for each update; all 1 if there are none.
  var weights: [Double] = []
  var root: [Float]?

  /// Updates of honest sites that differ: a direction that all have, and noise as large of each one's own.
  static func honest(sites: Int, size: Int, seed: UInt64, noise: Double = 1) -> RobustRound {
    var stream = RandomStream(seed: seed, purpose: .test)
    let common = (0..<size).map { _ in stream.normal() }
    let updates = (0..<sites).map { _ -> [Float] in
      let scale = stream.uniform(0.7...1.4)
      return common.map { Float(scale * ($0 + noise * stream.normal())) }
    }
    let weights = (0..<sites).map { _ in stream.uniform(1...20) }
    return RobustRound(
      updates: updates, weights: weights, root: common.map { Float($0 + 0.5 * stream.normal()) })
  }

  var size: Int { updates[0].count }

  /// Their names are in the order of the updates.
  static func name(_ site: Int) -> String { "Site \(site)" }

  private var facts: [UpdateFacts] {
    updates.indices.map { site in
      UpdateFacts(
        site: Self.name(site), cases: 1, steps: 1, meanLoss: 0.5,
        norm: Self.norm(updates[site].map { Double($0) }))
    }
  }

  func select(_ text: String) throws -> Selection {
    let folder = try TemporaryFolder()
    let spool = UpdateSpool(folder: folder.file("spool"), size: size)
    // Places in the spool need not be those in the round.
    for (site, update) in updates.enumerated() { try spool.put(update, site: 2 * site + 1) }
    let weights = weights.isEmpty ? updates.map { _ in 1.0 } : weights
    let round = SiteUpdates(
      spool: spool, indices: updates.indices.map { 2 * $0 + 1 }, facts: facts, weights: weights, root: root)
    let strategy = try #require(try StrategyChoice(text).make() as? any SelectingStrategy)
    return try withExtendedLifetime(folder) { try strategy.select(round) }
  }

  /// The step of a strategy that sees sums only.
  func sum(_ text: String) throws -> [Float] {
    let strategy = try #require(try StrategyChoice(text).make() as? any SummingStrategy)
    var sum = WeightedSum(count: size)
    for (site, contribution) in strategy.contributions(facts, weighting: .equal).enumerated() {
      sum.add(updates[site], contribution)
    }
    var state: [ServerBuffer] = []
    let round = RoundSum(sum, sites: updates.count)
    return strategy.apply(round, to: [Float](repeating: 0, count: size), state: &state)
  }

  /// The sites that the screen suspects, with what it says.
  func suspected(by text: String = "median") throws -> [String: String] {
    let found = try select(text).verdicts.compactMap { verdict in
      verdict.suspicion.map { (verdict.site, $0) }
    }
    return Dictionary(uniqueKeysWithValues: found)
  }

  /// The mean of the first few updates.
  func mean(first count: Int) -> [Double] {
    (0..<size).map { index in
      updates.prefix(count).reduce(0.0) { $0 + Double($1[index]) } / Double(count)
    }
  }

  static func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  static func distance(_ first: [Float], _ second: [Double]) -> Double {
    norm(zip(first, second).map { Double($0) - $1 })
  }
}
