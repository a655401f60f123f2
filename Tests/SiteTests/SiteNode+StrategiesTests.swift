import FederationProtocol
import Foundation
import Foundations
import Imaging
import NeuralNetwork
import Site
import Synchronization
import Tensor
import TestSupport
import Testing
import Training

/// What strategies ask of a site, against the papers' rules made of plain steps, and against the optimiser itself.
@Suite(.serialized) struct SiteNodeStrategiesTests {
  private static let rate: Float = 0.01

  private let folder: TemporaryFolder
  private let plan: TrainingPlan
  private let cases: SiteCases
  private let identity = RunIdentity(runID: "run", planDigest: [1], studyDigest: [2])
  private let tested = Tested()

  private final class Tested: Sendable {
    private let last = Mutex<[Float]>([])
    var weights: [Float] { last.withLock { $0 } }
    func keep(_ weights: [Float]) { last.withLock { $0 = weights } }
  }

  init() throws {
    folder = try TemporaryFolder()
    for number in 1...3 { try SiteNodeTests.writeCase("case-\(number)", in: folder, seed: number) }
    let data = try DatasetFolder.discover(folder.file("data"), requireLabels: true)
    let text = """
      {schema_version: 1, name: tiny, dimensions: 3, patch: [8, 8, 8], batch: 1,
       network: {widths: [2, 4], convolutions_per_stage: 1},
       optimizer: {name: sgd, learning_rate: \(Self.rate), weight_decay: 0, momentum: 0, schedule: constant},
       foreground_oversampling: 0.5, mirror: [], rounds: 1, local_steps: 1,
       split: {validation: 0.3, test: 0.3}}
      """
    let fingerprint = try DataFingerprint.of(data, loop: .serial)
    plan = try PlanFile.parse(text, file: "plan").resolved(for: fingerprint, file: "plan")
    cases = try SiteCases.load(
      data.sites[0], reading: CaseReading(plan: plan, loop: .serial),
      split: CaseSplit(training: [0], validation: [1], test: [2]))
  }

  /// A site that keeps what is its own on disk, or in memory.
  private func node(_ name: String?) throws -> SiteNode {
    SiteNode(
      cases, plan: plan, identity: identity, pool: NetworkPool(plan.architecture, loop: .serial),
      folder: try folder.folder("site-\(name ?? "memory")"),
      checkpoints: name.map {
        SiteCheckpoints(folder: folder.file($0), site: "clinic", runID: "run", every: 100, warn: { _ in })
      }, keepModel: { [tested] in tested.keep($0) })
  }

  private var start: [Float] { plan.architecture.parameterLayout.initialValues(seed: 1) }
  private var codec: EnvelopeCodec { EnvelopeCodec(identity: identity, site: "clinic") }

  private func wire(_ values: [Float]) -> WireWeights {
    WireWeights(ranges: plan.tensorRanges, values: values)
  }

  private func values(_ wire: WireWeights) throws -> [Float] {
    try wire.values(expecting: plan.tensorRanges, site: "clinic", round: 1)
  }

  private func train(
    _ node: SiteNode, round: Int, from weights: [Float], steps: Int = 1, last: Int? = nil,
    fineTune: Bool = false, _ rule: (inout WireLocalRule) -> Void = { _ in }
  ) async throws -> WireModelUpdate {
    var request = WireTrainRequest()
    request.model = wire(weights)
    request.localSteps = UInt32(steps)
    request.totalRounds = 3
    request.seed = 5
    request.lastRound = UInt32(last ?? round - 1)
    request.fineTune = fineTune
    rule(&request.rule)
    return try codec.open(
      try await node.exchange(try codec.seal(request, round: round)), as: WireModelUpdate.self, round: round)
  }

  /// The weights that a test at the site is made with.
  private func testedWeights(_ node: SiteNode, model: [Float], last: Int) async throws -> [Float] {
    var request = WireEvaluateRequest()
    request.model = wire(model)
    request.part = .test
    request.lastRound = UInt32(last)
    _ = try codec.open(
      try await node.exchange(try codec.seal(request, round: 9)), as: WireEvaluation.self, round: 9)
    return tested.weights
  }

  private func expectEqual(
    _ found: [Float], _ wanted: [Float], within tolerance: Float = 2e-6,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let worst = zip(found, wanted).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst <= tolerance && found.count == wanted.count, "\(worst)", sourceLocation: sourceLocation)
  }

  /// cᵢ⁺ = cᵢ − c + (w₀ − w)/Kη; with it and another c the next round's step is −η·(g + c − cᵢ).
  @Test(arguments: ["disk", nil])
  func scaffold(folder: String?) async throws {
    let site = try node(folder)
    let zeros = [Float](repeating: 0, count: start.count)
    let first = try await train(site, round: 1, from: start, steps: 3) {
      $0.correction = .scaffold
      $0.control = wire(zeros)
    }
    let plain = try await train(node("plain"), round: 1, from: start, steps: 3)
    #expect(first.delta == plain.delta)
    let own = try values(first.delta).map { -$0 / (3 * Self.rate) }
    expectEqual(try values(first.controlDelta), own, within: 1e-4)

    var stream = RandomStream(seed: 4, purpose: .test)
    // Small: the gradient is clipped at a norm of 12.
    let control = start.map { _ in Float(0.1 * stream.normal()) }
    let second = try await train(site, round: 2, from: start) {
      $0.correction = .scaffold
      $0.control = wire(control)
    }
    let step = try values(try await train(node("other"), round: 2, from: start, last: 0).delta)
    expectEqual(
      try values(second.delta), step.indices.map { step[$0] - Self.rate * (control[$0] - own[$0]) })
    // An update that was not taken is not gone on from.
    let again = try await train(site, round: 3, from: start, last: 1) {
      $0.correction = .scaffold
      $0.control = wire(control)
    }
    let third = try values(try await train(node("third"), round: 3, from: start, last: 0).delta)
    expectEqual(
      try values(again.delta), third.indices.map { third[$0] - Self.rate * (control[$0] - own[$0]) })
  }

  /// hᵢ = −α·Δ; the next round's first step is −η·(g − hᵢ).
  @Test(arguments: ["disk", nil])
  func feddyn(folder: String?) async throws {
    let site = try node(folder)
    let alpha: Float = 0.5
    let rule: (inout WireLocalRule) -> Void = {
      $0.correction = .feddyn
      $0.proximal = Double(alpha)
    }
    let first = try values(try await train(site, round: 1, from: start, steps: 4, rule).delta)
    let held = try await train(node("held"), round: 1, from: start, steps: 4) { $0.proximal = Double(alpha) }
    #expect(try values(held.delta) == first)
    let second = try values(try await train(site, round: 2, from: start, rule).delta)
    let step = try values(try await train(node("other"), round: 2, from: start, last: 0).delta)
    expectEqual(second, step.indices.map { step[$0] - Self.rate * alpha * first[$0] })
  }

  /// Layers that are the site's own go on where it left them, and are what it is tested with.
  @Test(arguments: ["disk", nil])
  func layersOfItsOwn(folder: String?) async throws {
    let site = try node(folder)
    let names = plan.tensorRanges.map(\.name).filter { $0.hasSuffix("norm.weight") }
    #expect(!names.isEmpty)
    let first = try values(
      try await train(site, round: 1, from: start, steps: 3) { $0.personal = names }.delta)
    // The model that comes next is another: the site's own layers stay what they were.
    let model = start.map { $0 * 1.25 }
    var mixed = model
    var offset = 0
    for range in plan.tensorRanges {
      if names.contains(range.name) {
        for index in offset..<offset + range.count { mixed[index] = start[index] + first[index] }
      }
      offset += range.count
    }
    #expect(mixed != model)
    #expect(try await testedWeights(site, model: model, last: 1) == mixed)
    #expect(try await testedWeights(site, model: model, last: 0) == model)
    let second = try values(
      try await train(site, round: 2, from: model, steps: 2) { $0.personal = names }.delta)
    let other = try values(try await train(node("other"), round: 2, from: mixed, steps: 2, last: 0).delta)
    expectEqual(zip(model, second).map { $0 + $1 }, zip(mixed, other).map { $0 + $1 })
    let error = await #expect(throws: ProtocolError.self) {
      _ = try await train(site, round: 3, from: model) { $0.personal = ["no.such.layer"] }
    }
    #expect("\(try #require(error))".contains("no tensor no.such.layer"))
  }

  /// Ditto's own model of the first round is FedProx's with μ = λ; the update is plain.
  @Test(arguments: ["disk", nil])
  func ditto(folder: String?) async throws {
    let site = try node(folder)
    let first = try await train(site, round: 1, from: start, steps: 4) { $0.ditto = 3 }
    let plain = try await train(node("plain"), round: 1, from: start, steps: 4)
    #expect(first.delta == plain.delta && first.steps == 4)
    let held = try values(
      try await train(node("held"), round: 1, from: start, steps: 4) { $0.proximal = 3 }.delta)
    let own = zip(start, held).map { $0 + $1 }
    expectEqual(try await testedWeights(site, model: start, last: 1), own)
    // From there on: one step along its gradient, held to the model that was sent.
    _ = try await train(site, round: 2, from: start) { $0.ditto = 3 }
    let next = try await testedWeights(site, model: start, last: 2)
    let step = try values(try await train(node("step"), round: 2, from: own, last: 0).delta)
    expectEqual(next, own.indices.map { own[$0] + step[$0] - Self.rate * 3 * (own[$0] - start[$0]) })
  }

  /// Nothing of a fine-tuned model leaves; it is what the site is tested with.
  @Test func fineTuning() async throws {
    let site = try node("disk")
    let update = try await train(site, round: 2, from: start, last: 0, fineTune: true)
    #expect(!update.hasDelta && update.steps == 1)
    // One step at a tenth of the rate.
    let step = try values(try await train(node("step"), round: 2, from: start, last: 0).delta)
    expectEqual(
      try await testedWeights(site, model: start, last: 2), zip(start, step).map { $0 + $1 / 10 })
  }

  /// One step's loss is taken before the step: the same batch, from 0 on instead of -1.
  @Test func lossBeforeTraining() async throws {
    let update = try await train(node("disk"), round: 1, from: start) { $0.startLoss = true }
    #expect(abs(update.startLoss - 1 - update.meanLoss) < 1e-6)
    let more = try await train(node("more"), round: 1, from: start, steps: 5) { $0.startLoss = true }
    #expect(more.startLoss == update.startLoss)
    #expect(try await !train(node("none"), round: 1, from: start).hasStartLoss)
  }

  /// ‖a‖₁ is how far the optimiser itself moves a parameter under a gradient of 1, over the rate.
  @Test(arguments: [Float(0), 0.5, 0.99])
  func normaliser(momentum: Float) throws {
    var plan = plan
    plan.optimizer.momentum = Double(momentum)
    plan.optimizer.schedule = .polynomial
    let rates = plan.rates(.round(2, totalSteps: 30), steps: 7)
    #expect(rates.count == 7 && rates[0] < plan.optimizer.learningRate)
    let optimizer = Optimizer(plan.optimizerKind, count: 1, clipNorm: .infinity)
    let (parameter, gradient) = (FloatBuffer([0]), FloatBuffer([1]))
    for rate in rates {
      optimizer.step(parameters: parameter, gradients: gradient, rate: Float(rate), loop: .serial)
    }
    let wanted = -Double(parameter.values[0]) / plan.optimizer.learningRate
    #expect(abs(try #require(plan.normaliser(rates)) - wanted) < 1e-4 * wanted)
    plan.optimizer.name = .adam
    #expect(plan.normaliser(rates) == nil)
  }

  @Test func whatCannotBeIsRefused() async throws {
    let site = try node("disk")
    for (rule, field): (@Sendable (inout WireLocalRule) -> Void, String) in [
      ({ $0.proximal = .nan }, "mu"), ({ $0.ditto = -1 }, "lambda"),
      ({ $0.correction = .UNRECOGNIZED(7) }, "correction 7"),
      ({ $0.correction = .scaffold }, "encoding"),
    ] {
      let error = await #expect(throws: ProtocolError.self) {
        _ = try await train(site, round: 1, from: start, rule)
      }
      #expect("\(try #require(error))".contains(field))
    }
    // What it was to go on from is gone.
    let error = await #expect(throws: ProtocolError.self) {
      _ = try await train(site, round: 5, from: start) { $0.correction = .feddyn }
    }
    #expect(try #require(error).isStateLost)
  }
}
