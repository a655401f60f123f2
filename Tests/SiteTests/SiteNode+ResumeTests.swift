import FederationProtocol
import Foundation
import Foundations
import Imaging
import Site
import TestSupport
import Testing
import Training

/// A site that is killed and started again answers as it would have.
struct SiteNodeResumeTests {
  private let folder: TemporaryFolder
  private let plan: TrainingPlan
  private let cases: SiteCases
  private let identity = RunIdentity(runID: "run", planDigest: [1], studyDigest: [2])

  init() throws {
    folder = try TemporaryFolder()
    for number in 1...2 { try SiteNodeTests.writeCase("case-\(number)", in: folder, seed: number) }
    let data = try DatasetFolder.discover(folder.file("data"), requireLabels: true)
    let text = """
      {schema_version: 1, name: tiny, dimensions: 3, patch: [8, 8, 8], batch: 1,
       network: {widths: [2, 4], convolutions_per_stage: 1},
       optimizer: {name: adam, learning_rate: 0.01, weight_decay: 0, momentum: 0},
       foreground_oversampling: 0.5, mirror: [], rounds: 3, local_steps: 5,
       split: {validation: 0, test: 0.3}}
      """
    let fingerprint = try DataFingerprint.of(data, loop: .serial)
    plan = try PlanFile.parse(text, file: "plan").resolved(for: fingerprint, file: "plan")
    cases = try SiteCases.load(
      data.sites[0], reading: CaseReading(plan: plan, loop: .serial),
      split: CaseSplit(training: [0], validation: [], test: [1]))
  }

  private func node(_ name: String, checkpoints isKept: Bool = true) -> SiteNode {
    let checkpoints = SiteCheckpoints(
      folder: folder.file(name), site: "clinic", runID: "run", every: 2, warn: { _ in })
    return SiteNode(
      cases, plan: plan, identity: identity, pool: NetworkPool(plan.architecture, loop: .serial), folder: nil,
      checkpoints: isKept ? checkpoints : nil)
  }

  private var codec: EnvelopeCodec { EnvelopeCodec(identity: identity, site: "clinic") }

  /// The weights after a round of training.
  private func train(
    _ node: SiteNode, round: Int, from weights: [Float], keep: Bool = true
  ) async throws -> [Float] {
    var request = WireTrainRequest()
    request.model = WireWeights(ranges: plan.tensorRanges, values: weights)
    request.localSteps = 5
    request.totalRounds = 3
    request.seed = 5
    request.keepOptimizerState = keep
    request.lastRound = UInt32(round - 1)
    let answer = try await node.exchange(try codec.seal(request, round: round))
    let update = try codec.open(answer, as: WireModelUpdate.self, round: round)
    let delta = try update.delta.values(expecting: plan.tensorRanges, site: "clinic", round: round)
    return zip(weights, delta).map { $0 + $1 }
  }

  private var start: [Float] { plan.architecture.parameterLayout.initialValues(seed: 1) }

  private func files(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.file(name)).sorted()
  }

  /// Leaves a site's checkpoints as they were when it had come no further than some of them.
  private func copy(_ name: String, keeping kept: [String]) throws -> String {
    let target = name + "-" + UUID().uuidString
    _ = try folder.folder(target)
    for file in kept {
      try FileManager.default.copyItem(
        atPath: folder.file(name + "/" + file), toPath: folder.file(target + "/" + file))
    }
    return target
  }

  @Test func checkpointsChangeNoBit() async throws {
    let with = try await train(node("kept"), round: 1, from: start)
    #expect(try await train(node("none", checkpoints: false), round: 1, from: start) == with)
    #expect(
      try files("kept") == [
        "trainer-round-000001-step-000004.safetensors", "trainer-round-000001.safetensors",
      ])
  }

  @Test func itGoesOnFromAnyOfItsCheckpoints() async throws {
    let whole = node("whole")
    let first = try await train(whole, round: 1, from: start)
    let second = try await train(whole, round: 2, from: first)
    let third = try await train(whole, round: 3, from: second)
    let left = try files("whole")
    #expect(
      left == [
        "trainer-round-000001.safetensors", "trainer-round-000002.safetensors",
        "trainer-round-000003-step-000004.safetensors", "trainer-round-000003.safetensors",
      ])
    // What the round goes on from, and how far it had come.
    for kept in [[left[1]], [left[1], left[2]], left, [left[1], left[3]]] {
      let again = node(try copy("whole", keeping: kept))
      #expect(try await train(again, round: 3, from: second) == third, "\(kept)")
    }
    // The coordinator may go back a round; the site goes with it, to the same bits.
    let back = node(try copy("whole", keeping: left))
    #expect(try await train(back, round: 2, from: first) == second)
    #expect(try await train(back, round: 3, from: second) == third)
    #expect(try await train(whole, round: 3, from: second) == third)
  }

  /// What was trained from other weights is no answer.
  @Test func anotherStartIsTrainedAnew() async throws {
    _ = try await train(node("run"), round: 1, from: start, keep: false)
    let other = start.map { $0 * 0.5 }
    let again = try await train(node("run"), round: 1, from: other, keep: false)
    #expect(try await train(node("new"), round: 1, from: other, keep: false) == again)
  }

  @Test func withoutItsMomentumItRefuses() async throws {
    let whole = node("run")
    let first = try await train(whole, round: 1, from: start)
    await #expect(throws: ProtocolError.self) { _ = try await train(node("nothing"), round: 2, from: first) }
    do {
      _ = try await train(node("nothing"), round: 2, from: first)
    } catch let error as ProtocolError {
      #expect(error.isStateLost && "\(error)".contains("round 1"))
    }
    // Where momentum is not kept nothing is needed.
    _ = try await train(node("nothing"), round: 2, from: first, keep: false)
  }
}
