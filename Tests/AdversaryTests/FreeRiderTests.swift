import Adversary
import FederationProtocol
import Foundation
import Foundations
import Site
import TestSupport
import Testing

/// A site that takes the model and gives nothing.
struct FreeRiderTests {
  private let base = HonestSite(site: "birch", update: [1, 1, 1], hasNoState: true)
  private let models: [[Float]] = [[4, -3, 0.5], [4.5, -2, 0.5], [4, -2, 1.5]]

  private func rider(
    sigma: Double = 1, delta: Double = 0, memory: RoundMemory = RoundMemory()
  ) -> FreeRider {
    FreeRider(
      base, identity: testIdentity, sigma: sigma, delta: delta, seed: 7,
      facts: FreeRiderFacts(cases: 7, voxels: 4000, batch: 2) { round, steps, total in
        Double(100 * round + steps) + Double(total) / 1000
      }, memory: memory)
  }

  private func request(_ round: Int) -> WireTrainRequest {
    trainRequest(models[round - 1], lastRound: round - 1)
  }

  /// Noise as large as the global model's last step: (0.5, 1, 0).
  @Test func itSendsNoiseAndTrainsNever() async throws {
    let rider = rider(sigma: 0.5)
    #expect(try await rider.delta(request(1), round: 1) == [0, 0, 0])
    var stream = RandomStream(seed: 7, purpose: .attack, site: "birch", round: 2, step: 1)
    let size = 0.5 * (1.25 / 3.0).squareRoot()
    let expected = (0..<3).map { _ in Float(size * stream.normal()) }
    #expect(try await rider.delta(request(2), round: 2) == expected)
    #expect(base.log.trained.isEmpty)
  }

  @Test func deltaWeightsAreTheLastStep() async throws {
    let rider = rider(sigma: 0, delta: 1)
    #expect(try await rider.delta(request(1), round: 1) == [0, 0, 0])
    #expect(try await rider.delta(request(2), round: 2) == [0.5, 1, 0])
    // Asked again after a resume, it answers the same.
    #expect(try await rider.delta(request(2), round: 2) == [0.5, 1, 0])
    #expect(try await rider.delta(request(3), round: 3) == [-0.5, 0, 1])
  }

  @Test func itsClaimsAreThoseThatAreChecked() async throws {
    let rule = WireLocalRule.with {
      $0.correction = .scaffold
      $0.startLoss = true
      $0.normaliser = true
    }
    var request = trainRequest(rule: rule)
    let update = try await rider().ask(request, WireModelUpdate.self, round: 4)
    #expect((update.cases, update.voxels, update.steps) == (7, 4000, 5))
    #expect(update.meanLoss == -0.25 && update.startLoss == 0.75)
    #expect(update.normaliser == 405.045)
    #expect(
      try update.controlDelta.values(expecting: testRanges, site: "birch", round: 4) == [0, 0, 0])
    // Two passes over 7 cases in batches of 2.
    request.localEpochs = 2
    #expect(try await rider().ask(request, WireModelUpdate.self).steps == 7)
  }

  /// It never had what a strategy lets sites keep, and goes on with the model.
  @Test func itIsScoredAllTheSame() async throws {
    let evaluate = WireEvaluateRequest.with { $0.lastRound = 3 }
    #expect(try await rider().ask(evaluate, WireEvaluation.self, round: 3).cases == 3)
    let fineTune = WireTrainRequest.with {
      $0.fineTune = true
      $0.lastRound = 3
    }
    #expect(try await rider().ask(fineTune, WireModelUpdate.self, round: 4).cases == 7)
  }

  @Test func aResumedRunGoesOnTheSame() async throws {
    let folder = try TemporaryFolder()
    func memory() -> RoundMemory {
      RoundMemory(
        folder: folder.file("checkpoints"), owner: "freerider", runID: "run-1", warn: { _ in })
    }
    let whole = rider()
    for round in 1...3 { _ = try await whole.delta(request(round), round: round) }
    for round in 1...3 {
      let delta = try await rider(memory: memory()).delta(request(round), round: round)
      #expect(try await whole.delta(request(round), round: round) == delta)
    }
    // One round back, as where the newest checkpoint is damaged.
    let back = try await rider(memory: memory()).delta(request(2), round: 2)
    #expect(try await whole.delta(request(2), round: 2) == back)
    let codec = EnvelopeCodec(identity: testIdentity, site: "birch")
    let lost = try await rider().exchange(try codec.seal(request(3), round: 3))
    #expect(try codec.open(lost, as: WireRefusal.self, round: 3).code == .stateLost)
  }
}
