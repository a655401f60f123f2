import Adversary
import FederationProtocol
import Foundation
import Foundations
import Testing

/// What a hostile site sends instead of the update that it would honestly send.
struct UpdateAttackTests {
  private let honest = HonestSite(site: "birch", update: [0.5, -2, 0.25])

  private func hostile(_ change: UpdateChange, seed: UInt64 = 7) -> HostileConnection {
    HostileConnection(honest, identity: testIdentity, seed: seed, change: change)
  }

  @Test func theUpdateIsTurnedRoundOrBoosted() async throws {
    #expect(try await hostile(.scaled(by: -1)).delta() == [-0.5, 2, -0.25])
    #expect(try await hostile(.scaled(by: -4)).delta(round: 2) == [-4, 16, -2])
    #expect(try await hostile(.scaled(by: 10)).delta() == [5, -20, 2.5])
  }

  @Test func whatIsToldBesideTheUpdateStaysTrue() async throws {
    var update = try await hostile(.scaled(by: 10)).ask(trainRequest(), WireModelUpdate.self)
    var expected = try await honest.ask(trainRequest(), WireModelUpdate.self)
    update.clearDelta()
    expected.clearDelta()
    #expect(update == expected)
  }

  @Test func noiseIsAsLargeAsItIsToBe() throws {
    let values = (0..<20_000).map { Float($0 % 7) - 3 }
    let noise = UpdateChange.noise(sigma: 3).changed(values, site: "birch", round: 1, seed: 7)
    // The mean square of -3...3 is 4.
    let (mean, square) = (
      noise.reduce(0.0) { $0 + Double($1) } / 20_000,
      noise.reduce(0.0) { $0 + Double($1) * Double($1) } / 20_000
    )
    #expect(abs(mean) < 0.2)
    #expect(abs(square.squareRoot() - 6) < 0.1)
  }

  /// The first numbers of the stream that is the site's own in the round.
  @Test func noiseIsDrawnForSiteAndRound() async throws {
    var stream = RandomStream(seed: 7, purpose: .attack, site: "birch", round: 2, step: 1)
    let size = ((1 + 16 + 0.25) / 3.0).squareRoot()
    let expected = (0..<3).map { _ in Float(2 * size * stream.normal()) }
    #expect(try await hostile(.noise(sigma: 2)).delta(round: 2) == expected)
    #expect(try await hostile(.noise(sigma: 2)).delta(round: 1) != expected)
    #expect(try await hostile(.noise(sigma: 2), seed: 8).delta(round: 2) != expected)
  }

  @Test func theSameSeedGivesTheSameBytes() async throws {
    let message = try EnvelopeCodec(identity: testIdentity, site: "birch").seal(trainRequest(), round: 3)
    let first = try await hostile(.noise(sigma: 1)).exchange(message)
    #expect(try await hostile(.noise(sigma: 1)).exchange(message) == first)
  }

  @Test func everythingElsePassesThrough() async throws {
    let codec = EnvelopeCodec(identity: testIdentity, site: "birch")
    var fineTune = trainRequest()
    fineTune.fineTune = true
    for message in [
      try codec.seal(WireDescribeRequest(), round: 0), try codec.seal(WireEvaluateRequest(), round: 2),
      try codec.seal(fineTune, round: 2),
    ] {
      #expect(try await hostile(.scaled(by: 10)).exchange(message) == honest.exchange(message))
    }
    let stopped = HonestSite(
      site: "birch", update: [0, 0, 0], refusal: WireRefusal("stop", code: .interrupted))
    let attacked = HostileConnection(stopped, identity: testIdentity, seed: 1, change: .scaled(by: 2))
    let message = try codec.seal(trainRequest(), round: 1)
    #expect(try await attacked.exchange(message) == stopped.exchange(message))
  }
}
