import Coordinator
import Foundations
import Testing

/// Which updates are pointed out to people.
struct UpdateScreenTests {
  private static let size = 2001

  @Test(arguments: [2, 3, 4, 5, 7, 9])
  func honestSitesThatDifferAreLeftAlone(sites: Int) throws {
    for seed in 0..<6 {
      let round = RobustRound.honest(sites: sites, size: Self.size, seed: UInt64(100 + seed))
      #expect(try round.suspected() == [:], "\(sites) sites, seed \(seed)")
    }
  }

  /// Sites that have little in common are no reason to suspect one.
  @Test(arguments: [3, 5, 8])
  func sitesWithoutACommonDirectionAreLeftAlone(sites: Int) throws {
    for noise in [3.0, 10] {
      let round = RobustRound.honest(sites: sites, size: Self.size, seed: 200, noise: noise)
      #expect(try round.suspected() == [:], "\(sites) sites, noise \(noise)")
    }
  }

  @Test(arguments: [5, 7, 9])
  func aFlippedUpdateIsNamed(sites: Int) throws {
    var round = RobustRound.honest(sites: sites, size: Self.size, seed: 31)
    round.updates[1] = round.updates[1].map { -$0 }
    let found = try round.suspected()
    #expect(Array(found.keys) == [RobustRound.name(1)])
    let reason = try #require(found.values.first)
    #expect(reason.hasPrefix("cosine -0."), "\(reason)")
    #expect(reason.contains("to the median of all updates"), "\(reason)")
  }

  /// Two sites that agree outvote a third.
  @Test func aFlippedUpdateOfThreeIsNamed() throws {
    var round = RobustRound.honest(sites: 3, size: Self.size, seed: 32, noise: 0.3)
    round.updates[2] = round.updates[2].map { -$0 }
    #expect(try Array(round.suspected().keys) == [RobustRound.name(2)])
  }

  @Test(arguments: [3, 5, 9], [Float(10), -100])
  func aScaledUpdateIsNamed(sites: Int, factor: Float) throws {
    var round = RobustRound.honest(sites: sites, size: Self.size, seed: 33)
    round.updates[0] = round.updates[0].map { factor * $0 }
    let found = try round.suspected()
    #expect(Array(found.keys) == [RobustRound.name(0)])
    let reason = try #require(found.values.first)
    #expect(reason.hasPrefix("norm ") && reason.contains(" times the median of "), "\(reason)")
  }

  /// Noise far above the update, and noise of an update's own size in its place.
  @Test(arguments: [7, 9])
  func noisyUpdatesAreNamed(sites: Int) throws {
    var stream = RandomStream(seed: 34, purpose: .test)
    var round = RobustRound.honest(sites: sites, size: Self.size, seed: 35)
    round.updates[3] = round.updates[3].map { $0 + Float(20 * stream.normal()) }
    #expect(try round.suspected()[RobustRound.name(3)]?.contains("norm ") == true)

    round = RobustRound.honest(sites: sites, size: Self.size, seed: 36, noise: 0.5)
    round.updates[3] = (0..<Self.size).map { _ in Float(stream.normal()) }
    let found = try round.suspected()
    #expect(Array(found.keys) == [RobustRound.name(3)])
    #expect(found.values.first?.hasPrefix("cosine 0.") == true, "\(found)")
  }

  /// Each names the other, and only a copy is a copy.
  @Test func copiesAreNamed() throws {
    var round = RobustRound.honest(sites: 5, size: Self.size, seed: 37)
    round.updates[4] = round.updates[1].map { $0 * (1 + 1e-6) }
    let found = try round.suspected()
    #expect(
      found == [
        RobustRound.name(1): "all but equal to the update of Site 4",
        RobustRound.name(4): "all but equal to the update of Site 1",
      ])
  }

  /// Updates of zeros, as of sites whose learning rate has come to 0, are no copies.
  @Test func updatesOfZerosAreLeftAlone() throws {
    let round = RobustRound(updates: [[Float]](repeating: [0, 0, 0], count: 4))
    #expect(try round.suspected() == [:])
  }

  /// Every strategy that looks at single updates says the same of them, apart from what its own rule adds.
  @Test(arguments: ["median", "trimmedmean", "krum", "multikrum", "rfa", "fltrust"])
  func everyStrategyScreens(text: String) throws {
    var round = RobustRound.honest(sites: 6, size: Self.size, seed: 38)
    round.updates[5] = round.updates[5].map { -30 * $0 }
    let found = try round.suspected(by: text)
    #expect(Array(found.keys) == [RobustRound.name(5)])
    let plain = try #require(try round.suspected()[RobustRound.name(5)])
    #expect(found.values.first?.hasPrefix(plain) == true)
    let shares = try round.select(text).verdicts.map(\.share)
    if text == "median" || text == "trimmedmean" {
      #expect(shares.allSatisfy { $0 == nil })
    } else {
      #expect(abs(shares.compactMap { $0 }.reduce(0, +) - 1) < 1e-9)
      #expect(try #require(shares[5]) < 0.02)
    }
  }
}
