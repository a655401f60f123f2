import Foundations
import NeuralNetwork
import Synchronization
import Tensor
import Testing
import Training

/// A batch as a step sees it.
private struct Batch: Equatable {
  var image: [UInt32]
  var targets: [UInt8]
}

@Suite(.timeLimit(.minutes(10)))
struct BatchPipelineTests {
  private static let samples = 3

  private func plan(_ augmentation: AugmentationChoice, dimensions: Int = 3) -> TrainingPlan {
    var plan = SampleCases.plan(
      patch: dimensions == 3 ? [12, 10, 8] : [12, 10, 1], oversampling: 0.5, contrasts: ["t1", "t2"],
      dimensions: dimensions)
    plan.augmentation = augmentation
    plan.batch = Self.samples
    return plan
  }

  private func sampler(_ plan: TrainingPlan) throws -> PatchSampler {
    let cases = try (1...3).map {
      try TrainingCase(
        SampleCases.harmonized(SIMD3(17, 9, 13), channels: 2, seed: $0), labelValues: plan.labelValues)
    }
    return PatchSampler(plan: plan, cases: cases, site: "a", seed: 5)
  }

  /// A batch without the pipeline, its samples made on several threads.
  private func direct(_ sampler: PatchSampler, _ plan: TrainingPlan, step: Int, threads: Int) -> Batch {
    let voxels = plan.patchAxes.product
    let image = FloatBuffer(count: Self.samples * voxels * 2)
    let targets = Mutex([UInt8](repeating: 255, count: Self.samples * voxels))
    let workspaces = Workspaces((0..<threads).map { _ in sampler.makeWorkspace() })
    ParallelLoop(threads: threads).forEach(Self.samples) { sample, worker in
      var own = [UInt8](repeating: 255, count: voxels)
      own.withUnsafeMutableBufferPointer {
        sampler.fill(
          round: 2, step: step, sample: sample, image: image.pointer + sample * voxels * 2,
          targets: $0.baseAddress!, workspace: workspaces.all[worker])
      }
      targets.withLock { $0.replaceSubrange((sample * voxels)..<((sample + 1) * voxels), with: own) }
    }
    return Batch(image: image.values.map(\.bitPattern), targets: targets.withLock { $0 })
  }

  /// `@unchecked Sendable`: a worker uses the one of its own number.
  private final class Workspaces: @unchecked Sendable {
    let all: [PatchWorkspace]

    init(_ all: [PatchWorkspace]) {
      self.all = all
    }
  }

  /// Takes `count` of the batches of a run of `steps`.
  private func piped(_ sampler: PatchSampler, _ plan: TrainingPlan, steps: Int, taking count: Int) -> [Batch]
  {
    let rows = Self.samples * plan.patchAxes.product
    return BatchPipeline(sampler: sampler, batch: Self.samples).run(round: 2, steps: steps) { batches in
      let image = FloatBuffer(count: rows * 2)
      var targets = [UInt8](repeating: 255, count: rows)
      return (0..<count).map { _ in
        batches.takeNext(image: image.pointer, targets: &targets)
        return Batch(image: image.values.map(\.bitPattern), targets: targets)
      }
    }
  }

  @Test(arguments: SampleCases.augmentations, [2, 3])
  func batchesDependOnTheirNameAlone(augmentation: AugmentationChoice, dimensions: Int) throws {
    let plan = plan(augmentation, dimensions: dimensions)
    let sampler = try sampler(plan)
    let steps = 25
    let expected = (0..<steps).map { direct(sampler, plan, step: $0, threads: 1) }
    for (one, next) in zip(expected, expected.dropFirst()) { #expect(one != next) }
    for threads in [2, 5] {
      #expect((0..<steps).map { direct(sampler, plan, step: $0, threads: threads) } == expected)
    }
    #expect(piped(sampler, plan, steps: steps, taking: steps) == expected)
    // A run that is left early, and a run that takes nothing.
    #expect(piped(sampler, plan, steps: 1_000_000_000, taking: 3) == Array(expected.prefix(3)))
    #expect(piped(sampler, plan, steps: 5, taking: 0).isEmpty)
    #expect(piped(sampler, plan, steps: 0, taking: 0).isEmpty)
  }

  private enum Stop: Error, Equatable { case now }

  /// `run` returns only when its thread has ended: it would not in time if the thread went on.
  @Test func anErrorEndsTheThread() throws {
    let plan = plan(.nnunet)
    let pipeline = BatchPipeline(sampler: try sampler(plan), batch: Self.samples)
    let rows = Self.samples * plan.patchAxes.product
    for taken in 0..<4 {
      #expect(throws: Stop.now) {
        try pipeline.run(round: 0, steps: 1_000_000_000) { batches in
          let image = FloatBuffer(count: rows * 2)
          var targets = [UInt8](repeating: 0, count: rows)
          for _ in 0..<taken { batches.takeNext(image: image.pointer, targets: &targets) }
          throw Stop.now
        }
      }
    }
  }

  @Test(arguments: [2, 3]) func trainingGivesTheSameBitsForAnyThreadCount(dimensions: Int) throws {
    var plan = plan(.nnunet, dimensions: dimensions)
    plan.patch = dimensions == 3 ? [8, 8, 8] : [8, 8, 1]
    let cases = try (1...2).map {
      try TrainingCase(
        SampleCases.harmonized(SIMD3(17, 9, 13), channels: 2, seed: $0), labelValues: plan.labelValues)
    }
    let start = plan.architecture.parameterLayout.initialValues(seed: 1)
    let trained = try [1, 2, 5].map { threads -> [UInt32]? in
      let pool = NetworkPool(plan.architecture, loop: ParallelLoop(threads: threads))
      let trainer = Trainer(plan: plan, cases: cases, site: "a", seed: 5, pool: pool)
      return try trainer.train(
        from: start, .round(0, totalSteps: 8), steps: 4, keepOptimizerState: false)?.weights.map(\.bitPattern)
    }
    #expect(trained[0] != nil && trained[0] != start.map(\.bitPattern))
    #expect(trained[1] == trained[0] && trained[2] == trained[0])
  }
}
