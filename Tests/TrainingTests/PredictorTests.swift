import Foundation
import Foundations
import Harmonization
import Imaging
import NeuralNetwork
import Tensor
import TestSupport
import Testing
import Training

struct PredictorTests {
  private static func weights(_ plan: TrainingPlan, seed: UInt64) -> [Float] {
    // Far from the first step's: outputs that differ clearly from voxel to voxel.
    plan.architecture.parameterLayout.initialValues(seed: seed).map { 2 * $0 }
  }

  private static func predictor(
    _ plan: TrainingPlan, seed: UInt64 = 3, threads: Int = 1, inference: InferenceSettings? = nil
  ) -> Predictor {
    Predictor(
      plan: plan, weights: weights(plan, seed: seed),
      pool: NetworkPool(plan.architecture, loop: ParallelLoop(threads: threads)), inference: inference)
  }

  private static func softmax(_ logits: [Double]) -> [Double] {
    let powers = logits.map { exp($0 - logits.max()!) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  struct Blend: Sendable, CustomTestStringConvertible {
    let size: SIMD3<Int>
    let step: Double
    let mirror: Bool
    var testDescription: String { "\(size), step \(step), mirror \(mirror)" }
  }

  /// Several windows, also of a case smaller than the patch along an axis: the mean logits of an independent sliding window,
  /// which hands out the patches and blends what the network makes of them.
  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [
      Blend(size: SIMD3(20, 13, 9), step: 0.5, mirror: false),
      Blend(size: SIMD3(20, 13, 9), step: 0.5, mirror: true),
      Blend(size: SIMD3(5, 30, 3), step: 0.3, mirror: true),
      Blend(size: SIMD3(8, 12, 4), step: 1, mirror: false),
      Blend(size: SIMD3(1, 1, 2), step: 0.5, mirror: true),
    ])
  func blendsAsNNUNetDoes(blend: Blend) throws {
    let plan = SampleCases.plan(
      patch: [8, 12, 4], mirror: ["x", "z"], contrasts: ["t1", "t2"], labels: 3)
    let item = try SampleCases.harmonized(blend.size, channels: 2)
    let (size, patch) = (blend.size, plan.patchAxes)
    func reference(_ what: String, _ channels: Int, _ values: [Double]) throws -> [Double] {
      let numbers = [channels, size.z, size.y, size.x, patch.depth, patch.height, patch.width]
      return RawArray.doubles(
        try PythonReference.run(
          script: "sliding_window_reference.py",
          arguments: [what, "\(blend.step)", blend.mirror ? "02" : "-"] + numbers.map { "\($0)" },
          input: RawArray.bytes(values)))
    }
    let patches = try reference("patches", 2, item.image.array.map(Double.init))
    let network = try UNet(
      plan.architecture, batch: 1, patch: patch, isTraining: false, loop: .serial)
    let parameters = FloatBuffer(Self.weights(plan, seed: 3))
    let length = patch.product * 2
    let logits = (0..<patches.count / length).flatMap { index -> [Double] in
      network.input.update(
        from: patches[index * length..<(index + 1) * length].map { Float($0) }, count: length)
      network.forward(parameters: parameters)
      return (0..<patch.product * 3).map { Double(network.output[$0]) }
    }
    let expected = try reference("blend", 3, logits)
    let maps = CollectedMaps()
    let settings = InferenceSettings(step: blend.step, mirror: blend.mirror)
    let labels = try Self.predictor(plan, threads: 2, inference: settings).predict(item, maps: maps).labels
    let found = maps.probabilities(outputs: 3)
    #expect(found.count == expected.count && labels.count * 3 == found.count)
    for voxel in labels.indices {
      let p = Self.softmax(Array(expected[voxel * 3..<voxel * 3 + 3]))
      for c in 0..<3 { #expect(abs(Double(found[voxel * 3 + c]) - p[c]) < 2e-5) }
      let highest = p.max()!
      // Where two labels are alike to rounding, either may win.
      #expect(highest - p[Int(labels[voxel])] < 1e-5)
    }
  }

  @Test func threadsAndMapsDoNotMatter() throws {
    let plan = SampleCases.plan(patch: [8, 12, 4], labels: 3)
    let item = try SampleCases.harmonized(SIMD3(19, 25, 11))
    let (one, three) = (CollectedMaps(), CollectedMaps())
    let labels = try Self.predictor(plan).predict(item, maps: one)
    #expect(try Self.predictor(plan, threads: 3).predict(item, maps: three) == labels)
    #expect(try Self.predictor(plan, threads: 2).predict(item) == labels)
    #expect(one.probabilities(outputs: 3) == three.probabilities(outputs: 3) && one.entropy == three.entropy)
    #expect(Set(labels.labels).count > 1, "the sample has several labels")
  }

  /// Slices of a 2D plan do not see each other.
  @Test func slicesAreByThemselves() throws {
    let plan = SampleCases.plan(patch: [16, 16, 1], labels: 3, dimensions: 2)
    let item = try SampleCases.harmonized(SIMD3(40, 33, 3))
    let whole = CollectedMaps()
    _ = try Self.predictor(plan, threads: 2).predict(item, maps: whole)
    for z in 0..<3 {
      let alone = CollectedMaps()
      _ = try Self.predictor(plan).predict(try SampleCases.slice(z, of: item), maps: alone)
      let plane = whole.slices.withLock { $0[z]!.probabilities }
      let own = alone.slices.withLock { $0[0]!.probabilities }
      // A window's place in its group decides how the convolutions are cut, and so the last bits.
      let largest = zip(own, plane).map { abs($0 - $1) }.max()!
      #expect(own.count == plane.count && largest < 1e-5)
    }
  }

  @Test func regionsArePaintedInOrder() throws {
    var plan = SampleCases.plan(patch: [8, 12, 4], labels: 4)
    plan.targets = .regions
    plan.regions = [
      .init(name: "whole", labels: [1, 2, 3]), .init(name: "core", labels: [1, 3]),
      .init(name: "rim", labels: [3]),
    ]
    #expect(plan.paintedLabels == [2, 1, 3])
    let item = try SampleCases.harmonized(SIMD3(20, 13, 9))
    let maps = CollectedMaps()
    let labels = try Self.predictor(plan).predict(item, maps: maps).labels
    let p = maps.probabilities(outputs: 3)
    for voxel in labels.indices {
      var expected: UInt16 = 0
      for (region, label) in [UInt16(2), 1, 3].enumerated() where p[voxel * 3 + region] > 0.5 {
        expected = label
      }
      #expect(labels[voxel] == expected)
    }
    #expect(Set(labels).count == 4, "the sample has every label")
  }

  @Test(arguments: TrainingPlan.Targets.allCases) func entropyIsTheProbabilities(
    targets: TrainingPlan.Targets
  ) throws {
    var plan = SampleCases.plan(patch: [8, 12, 4], labels: 3)
    plan.targets = targets
    let item = try SampleCases.harmonized(SIMD3(9, 13, 5))
    let maps = CollectedMaps()
    _ = try Self.predictor(plan).predict(item, maps: maps)
    let outputs = plan.outputCount
    let (p, found) = (maps.probabilities(outputs: outputs).map(Double.init), maps.entropy)
    func term(_ p: Double) -> Double { p > 0 ? -p * log(p) : 0 }
    for voxel in found.indices {
      let own = p[voxel * outputs..<(voxel + 1) * outputs]
      let expected =
        targets == .labels
        ? own.map(term).reduce(0, +) / log(3)
        : own.map { (term($0) + term(1 - $0)) / log(2) }.reduce(0, +) / Double(outputs)
      #expect(abs(Double(found[voxel]) - expected) < 1e-5)
    }
    #expect(found.max()! <= 1 && found.min()! >= 0 && found.max()! - found.min()! > 0.01)
  }

  /// Probabilities of models with other patches and widths are averaged, also through another spacing.
  @Test func ensemblesAverageProbabilities() throws {
    let first = SampleCases.plan(patch: [8, 12, 4], labels: 3)
    var second = SampleCases.plan(patch: [12, 8, 8], labels: 3)
    second.network.widths = [6, 8]
    let item = try SampleCases.harmonized(SIMD3(21, 14, 17), spacing: SIMD3(1.3, 0.8, 1.6))
    let members = [(first, UInt64(3)), (second, 4), (first, 5)].map { plan, seed in
      Predictor.Member(
        plan: plan, weights: Self.weights(plan, seed: seed),
        pool: NetworkPool(plan.architecture, loop: ParallelLoop(threads: 2)))
    }
    let single = try members.map { member in
      let maps = CollectedMaps()
      _ = try Predictor([member]).predict(item, maps: maps)
      return maps.probabilities(outputs: 3)
    }
    let maps = CollectedMaps()
    let labels = try Predictor(members).predict(item, maps: maps)
    #expect(labels.geometry == item.restoration.geometry)
    let found = maps.probabilities(outputs: 3)
    for index in found.indices {
      #expect(abs(found[index] - (single[0][index] + single[1][index] + single[2][index]) / 3) < 1e-6)
    }
    for voxel in labels.labels.indices {
      let p = found[voxel * 3..<voxel * 3 + 3]
      #expect(p[p.startIndex + Int(labels.labels[voxel])] == p.max()!)
    }
    #expect(try Predictor(members).predict(item) == labels)
  }

  @Test func plansThatDisagree() {
    let plan = SampleCases.plan(patch: [8, 12, 4], contrasts: ["t1", "t2"])
    #expect(plan.disagreement(with: plan) == nil)
    let changes: [(String, (inout TrainingPlan) -> Void)] = [
      ("contrasts", { $0.contrasts = ["t2", "t1"] }), ("labels", { $0.labels.removeLast() }),
      ("targets", { $0.targets = .regions }), ("spacing", { $0.spacing = [1, 1, 2] }),
      ("harmonisation", { $0.harmonisation.interpolation = .nearest }), ("dimensions", { $0.dimensions = 2 }),
      ("regions", { $0.regions.removeLast() }),
    ]
    for (field, change) in changes {
      var other = plan
      change(&other)
      #expect(plan.disagreement(with: other)?.field == field)
    }
    var same = plan
    (same.patch, same.network.widths, same.rounds) = ([16, 16, 16], [8, 8], 1)
    #expect(plan.disagreement(with: same) == nil)
  }

  /// A stop between two windows ends the case at once, and progress counts every forward pass.
  @Test func progressCountsAndStops() throws {
    struct Stop: Error {}
    let plan = SampleCases.plan(patch: [8, 12, 4], mirror: ["x"], labels: 3)
    let item = try SampleCases.harmonized(SIMD3(20, 13, 9))
    let predictor = Self.predictor(plan, inference: InferenceSettings(mirror: true))
    var (all, done) = (0, 0)
    _ = try predictor.predict(item, progress: .init(begins: { all = $0 }, advances: { done += $0 }))
    // x: 0, 4, 8, 12; y: 0, 1; z: 0, 2, 3, 5 (nnU-Net rounds halves to even); twice for the mirror.
    #expect(all == 4 * 2 * 4 * 2 && done == all)
    done = 0
    #expect(throws: Stop.self) {
      try predictor.predict(
        item,
        progress: .init(advances: {
          done += $0
          if done >= 8 { throw Stop() }
        }))
    }
    // Windows this small go through the network in groups of eight.
    #expect(done == 8)
  }

  /// Scores are held for as many slices as a window is deep, and one; a case of any depth takes no more.
  @Test func aCaseBeyondMemoryIsRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("case_t1.nii.gz")
    let geometry = Geometry(size: SIMD3(20, 20, 200), affine: AffineTransform(spacing: .one))
    try NIfTI.write(
      Volume(geometry: geometry, voxels: [Float](repeating: 1, count: geometry.count)), to: path,
      options: .init())
    let files = CaseFiles(name: "case", images: [.init(contrast: "t1", path: path)], label: nil)
    let plan = SampleCases.plan(patch: [8, 12, 4], labels: 3)
    let scan = 4 * 4 * geometry.count
    let scores = 4 * 5 * 20 * 20 * 3
    for (available, plans) in [(scan + scores, [plan]), (scan + 2 * scores, [plan, plan])] {
      try Predictor.checkMemory(files, plans: plans, loop: .serial, available: available)
      #expect(
        throws: PreparationError.predictionMemory(path: path, bytes: available, available: available - 1)
      ) { try Predictor.checkMemory(files, plans: plans, loop: .serial, available: available - 1) }
    }
  }
}
