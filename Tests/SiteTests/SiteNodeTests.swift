import FederationProtocol
import Foundation
import Foundations
import Imaging
import Site
import Synchronization
import TestSupport
import Testing
import Training

/// A site with hand-made cases, asked over bytes alone.
@Suite(.serialized) struct SiteNodeTests {
  /// Case names and a run of voxel values that must never cross the wire.
  static let canaryName = "canary-7f3a"
  static let canaryVoxels: [Float] = [1234.5, 987.25, 1111.125, 1357.75]

  private let folder: TemporaryFolder
  private let plan: TrainingPlan
  private let identity: RunIdentity
  private let node: SiteNode
  private let notices = Notices()

  /// What the site's own people are told.
  private final class Notices: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
  }

  init() throws {
    folder = try TemporaryFolder()
    for number in 1...3 { try Self.writeCase("\(Self.canaryName)-\(number)", in: folder, seed: number) }
    let data = try DatasetFolder.discover(folder.file("data"), requireLabels: true)
    let text = """
      {schema_version: 1, name: tiny, dimensions: 3, patch: [8, 8, 8], batch: 1,
       network: {widths: [2, 4], convolutions_per_stage: 1},
       optimizer: {name: sgd, learning_rate: 0.01, weight_decay: 0, momentum: 0},
       foreground_oversampling: 0.5, mirror: [], rounds: 1, local_steps: 1,
       split: {validation: 0.3, test: 0.3}}
      """
    let fingerprint = try DataFingerprint.of(data, loop: .serial)
    plan = try PlanFile.parse(text, file: "plan").resolved(for: fingerprint, file: "plan")
    let split = CaseSplit(training: [0], validation: [1], test: [2])
    let cases = try SiteCases.load(
      data.sites[0], reading: CaseReading(plan: plan, loop: .serial), split: split)
    identity = RunIdentity(runID: "run", planDigest: [1], studyDigest: [2])
    node = SiteNode(
      cases, plan: plan, identity: identity, pool: NetworkPool(plan.architecture, loop: .serial),
      folder: nil, notify: { [notices] in notices.add($0) })
  }

  private var codec: EnvelopeCodec { EnvelopeCodec(identity: identity, site: "clinic") }

  private var weights: [Float] { plan.architecture.parameterLayout.initialValues(seed: 1) }

  private func ask<Answer: WirePayload>(
    _ request: some WirePayload, _ type: Answer.Type, round: Int = 1
  ) async throws -> (answer: Answer, bytes: [UInt8]) {
    let bytes = try await node.exchange(try codec.seal(request, round: round))
    return (try codec.open(bytes, as: type, round: round), bytes)
  }

  private func trainRequest(steps: Int) -> WireTrainRequest {
    var request = WireTrainRequest()
    request.model = WireWeights(ranges: plan.tensorRanges, values: weights)
    request.localSteps = UInt32(steps)
    request.totalRounds = 1
    request.seed = 5
    return request
  }

  @Test func itDescribesCountsOnly() async throws {
    let answer = try await ask(WireDescribeRequest(), WireSiteDescription.self, round: 0).answer
    #expect(answer.cases.training == 1)
    #expect(answer.cases.validation == 1)
    #expect(answer.cases.test == 1)
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.file("data/clinic"))
      .filter { $0.hasSuffix(".nii") }
    let bytes = try files.reduce(0) { sum, file in
      sum + (try Data(contentsOf: URL(fileURLWithPath: folder.file("data/clinic/" + file))).count)
    }
    #expect(answer.scanBytesOnDisk == UInt64(bytes))
    // Three cases of one float scan and one byte label map on 10×12×11.
    #expect(answer.scanBytesUncompressed == 3 * 1320 * 5)
  }

  @Test func itsUpdateIsADifferenceOfWeights() async throws {
    let answer = try await ask(trainRequest(steps: 2), WireModelUpdate.self).answer
    let delta = try answer.delta.values(expecting: plan.tensorRanges, site: "clinic", round: 1)
    #expect(answer.cases == 1)
    #expect(answer.steps == 2)
    let size = delta.reduce(Float(0)) { $0 + abs($1) }
    #expect(size > 0)
    // A learning rate of 0.01 and two steps cannot carry weights far.
    let largest = delta.map { abs($0) }.max() ?? 0
    #expect(largest < 0.5)
  }

  @Test func itIsHeldNearTheStartWhereTheRuleSaysSo() async throws {
    func size(mu: Double) async throws -> Float {
      var request = trainRequest(steps: 4)
      if mu > 0 { request.rule.proximal = mu }
      let answer = try await ask(request, WireModelUpdate.self).answer
      let delta = try answer.delta.values(expecting: plan.tensorRanges, site: "clinic", round: 1)
      return delta.reduce(0) { $0 + $1 * $1 }
    }
    let free = try await size(mu: 0)
    #expect(try await size(mu: 50) < 0.98 * free)
    for mu in [-1, .nan, .infinity] {
      var request = trainRequest(steps: 1)
      request.rule.proximal = mu
      let message = try codec.seal(request, round: 1)
      let answer = try await node.exchange(message)
      #expect(throws: ProtocolError.self) { try codec.open(answer, as: WireModelUpdate.self, round: 1) }
    }
  }

  @Test func evaluationHoldsAggregatesOnly() async throws {
    var request = WireEvaluateRequest()
    request.model = WireWeights(ranges: plan.tensorRanges, values: weights)
    request.part = .test
    #expect(try await ask(request, WireEvaluation.self).answer.cases == 1)
    request.everyCase = true
    let every = try await ask(request, WireEvaluation.self).answer
    #expect(every.cases == 3)
    #expect(every.regions.map(\.region) == ["label 1"])
  }

  @Test func nothingOfACaseCrosses() async throws {
    var evaluate = WireEvaluateRequest()
    evaluate.model = WireWeights(ranges: plan.tensorRanges, values: weights)
    evaluate.part = .test
    let messages = [
      try await ask(WireDescribeRequest(), WireSiteDescription.self, round: 0).bytes,
      try await ask(trainRequest(steps: 1), WireModelUpdate.self).bytes,
      try await ask(evaluate, WireEvaluation.self).bytes,
    ]
    let voxels = Self.canaryVoxels.withUnsafeBytes { Data($0) }
    let scan = try Data(
      contentsOf: URL(
        fileURLWithPath: folder.file("data/clinic/\(Self.canaryName)-1/\(Self.canaryName)-1_t1.nii")))
    #expect(scan.range(of: voxels) != nil, "the canary is in the scan")
    for message in messages {
      #expect(Data(message).range(of: Data(Self.canaryName.utf8)) == nil)
      #expect(Data(message).range(of: voxels) == nil)
    }
  }

  /// The batch's cases are told at the site alone.
  @Test func aStepThatIsNoNumberIsRefusedWithoutNamingACase() async throws {
    var request = trainRequest(steps: 3)
    // Their squares overflow.
    request.model = WireWeights(ranges: plan.tensorRanges, values: weights.map { $0 * 1e30 })
    let bytes = try await node.exchange(try codec.seal(request, round: 1))
    #expect(Data(bytes).range(of: Data(Self.canaryName.utf8)) == nil)
    let error = #expect(throws: ProtocolError.self) {
      try codec.open(bytes, as: WireModelUpdate.self, round: 1)
    }
    let says = try #require(error).description
    #expect(says.contains("clinic, round 1, step 1: found a gradient that is not finite"), "\(says)")
    #expect(notices.all.count == 1 && notices.all[0].contains("\(Self.canaryName)-1"))
  }

  @Test func anotherRunsMessageIsNotServed() async throws {
    let other = EnvelopeCodec(
      identity: RunIdentity(runID: "other", planDigest: [1], studyDigest: [2]), site: "clinic")
    let message = try other.seal(WireDescribeRequest(), round: 0)
    await #expect(throws: ProtocolError.self) { _ = try await node.exchange(message) }
    await #expect(throws: ProtocolError.self) { _ = try await node.exchange([1, 2, 3]) }
  }

  static func writeCase(_ name: String, in folder: TemporaryFolder, seed: Int) throws {
    _ = try folder.folder("data/clinic/\(name)")
    let geometry = Geometry(
      size: SIMD3(10, 12, 11), affine: Imaging.AffineTransform(spacing: SIMD3(1, 1, 1)))
    var stream = RandomStream(seed: UInt64(seed), purpose: .test)
    var voxels = (0..<geometry.count).map { _ in Float(100 + 10 * stream.normal()) }
    voxels.replaceSubrange(0..<canaryVoxels.count, with: canaryVoxels)
    let labels = (0..<geometry.count).map { UInt16($0 % 7 == 0 ? 1 : 0) }
    let stem = folder.file("data/clinic/\(name)/\(name)_")
    var options = NIfTIWriteOptions.labels
    try NIfTI.write(LabelVolume(geometry: geometry, labels: labels), to: stem + "seg.nii", options: options)
    options.dataType = .float32
    try NIfTI.write(Volume(geometry: geometry, voxels: voxels), to: stem + "t1.nii", options: options)
  }
}
