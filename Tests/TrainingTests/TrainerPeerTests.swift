import Foundation
import Foundations
import Interchange
import NeuralNetwork
import TestSupport
import Testing
import Training

/// A whole training beside PyTorch: the same start, the same batches, nnU-Net's recipe. In `make test-long`.
@Suite(
  .enabled(if: PythonReference.nnunetInterpreter != nil, "needs SEGFED_NNUNET_PYTHON, a Python with PyTorch"))
struct TrainerPeerTests {
  private static let (steps, extent, widths) = (60, 32, [8, 16, 32])

  private let plan: TrainingPlan
  private let cases: [TrainingCase]
  private let folder: TemporaryFolder

  init() throws {
    var plan = SampleCases.plan(
      patch: [32, 32, 32], oversampling: 0.33, contrasts: ["t1", "t1ce", "t2", "flair"], labels: 4)
    plan.batch = 2
    plan.network = NetworkChoice(widths: Self.widths, convolutionsPerStage: 2).resolved(dimensions: 3)
    plan.augmentation = .nnunet
    plan.optimizer = .init(name: .sgd, learningRate: 0.01, weightDecay: 3e-5, momentum: 0.99)
    self.plan = plan
    cases = (0..<4).map { Self.nested(UInt64($0)) }
    folder = try TemporaryFolder()
  }

  /// Three balls in one another, each label brighter in a contrast of its own.
  private static func nested(_ number: UInt64) -> TrainingCase {
    var stream = RandomStream(seed: number, purpose: .test)
    let size = SIMD3(40, 44, 36)
    let centre = SIMD3(
      20 + 4 * stream.uniform(), 22 + 4 * stream.uniform(), 18 + 4 * stream.uniform())
    var (image, targets): ([Float], [UInt8]) = ([], [])
    for place in 0..<size.x * size.y * size.z {
      let voxel = SIMD3(Double(place % 40), Double(place / 40 % 44), Double(place / (40 * 44)))
      let distance = ((voxel - centre) * (voxel - centre)).sum()
      let target: UInt8 = distance < 16 ? 3 : distance < 49 ? 2 : distance < 144 ? 1 : 0
      targets.append(target)
      for contrast in 0..<4 {
        image.append(Float((Int(target) == contrast ? 1.5 : 0) + 0.7 * stream.normal()))
      }
    }
    return TrainingCase(
      size: size, channels: 4, image: FixedArray(image), targets: targets, classes: 4, name: "case \(number)")
  }

  /// The batches of the trainer's first round.
  private func writeBatches() throws {
    let sampler = PatchSampler(plan: plan, cases: cases, site: "a", seed: 5)
    let workspace = sampler.makeWorkspace()
    let voxels = Self.extent * Self.extent * Self.extent
    var image = [Float](repeating: 0, count: voxels * 4)
    var targets = [UInt8](repeating: 0, count: voxels)
    var (images, labels) = (Data(), Data())
    for step in 0..<Self.steps {
      for sample in 0..<plan.batch {
        sampler.fill(
          round: 1, step: step, sample: sample, image: &image, targets: &targets, workspace: workspace)
        images.append(image.withUnsafeBytes { Data($0) })
        labels.append(contentsOf: targets)
      }
    }
    _ = try folder.write(images, "images.bin")
    _ = try folder.write(labels, "targets.bin")
  }

  private func write(_ weights: [Float], _ name: String) throws {
    let tensors = plan.architecture.parameterLayout.entries.map { entry in
      NamedTensor(
        name: entry.name, shape: entry.shape,
        values: Array(weights[entry.offset..<entry.offset + entry.count]))
    }
    try SafetensorsFile(tensors: tensors, metadata: [:]).write(to: folder.file(name))
  }

  @Test func theSameBatchesGiveTheSameModel() throws {
    let start = plan.architecture.parameterLayout.initialValues(seed: 1)
    let trainer = Trainer(
      plan: plan, cases: cases, site: "a", seed: 5,
      pool: NetworkPool(plan.architecture, loop: ParallelLoop(threads: 2)))
    let outcome = try #require(
      try trainer.train(
        from: start, .round(1, totalSteps: Self.steps), steps: Self.steps, keepOptimizerState: false))
    try writeBatches()
    try write(start, "start.safetensors")
    try write(outcome.weights, "end.safetensors")
    let numbers: [any CustomStringConvertible] = [
      Self.steps, plan.batch, Self.extent, Self.widths.count, Self.widths[0], 0.01, 0.99, 3e-5,
    ]
    let text = try PythonReference.run(
      script: "trainer_reference.py", arguments: [folder.file("")] + numbers.map(\.description),
      interpreter: PythonReference.nnunetInterpreter)
    let found = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Double])
    print("beside PyTorch:", found.sorted { $0.key < $1.key }, "segfed's mean loss", outcome.meanLoss)
    // It learned, and both alike: rounding errors grow from step to step, by far less than what was learned.
    #expect(try #require(found["last"]) < found["first"]! - 0.5)
    #expect(abs(try #require(found["mean_loss"]) - outcome.meanLoss) < 1e-4)
    #expect(try #require(found["apart"]) < 0.01)
  }
}
