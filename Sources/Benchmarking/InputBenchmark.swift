import Foundations
import NeuralNetwork
import Tensor
import Training

/// What sampling and augmenting batches costs a training step: the step on one batch over and over, in turn
/// with the step on batches that the pipeline prepares from cached cases by a list of augmentations.
package struct InputBenchmark {
  /// One network's figures.
  package struct Row: Sendable {
    package let network: BenchmarkNetwork
    /// Blocks of steps: the mean of each, in milliseconds a step.
    package let bare: TimeSamples
    package let piped: TimeSamples
    /// Processor milliseconds that preparing a batch takes by itself: the mean, for chance decides what is drawn.
    package let batchMilliseconds: Double

    /// The share of the bare step's throughput that is left, by wall time.
    package var throughput: Double { bare.wallMedian / piped.wallMedian }
  }

  private let settings: BenchmarkSettings
  private let augmentation: AugmentationChoice

  package init(_ settings: BenchmarkSettings, augmentation: AugmentationChoice = .nnunet) {
    (self.settings, self.augmentation) = (settings, augmentation)
  }

  /// The list of a name in a plan; nil where none is called so.
  package static func augmentation(named name: String) -> AugmentationChoice? {
    AugmentationChoice.named.first { $0.name == name }?.choice
  }

  /// Throws `NetworkError`, `PlanError`, `BenchmarkError` and `StoppedByUser`.
  package func run(_ networks: [BenchmarkNetwork]) throws -> InputReport {
    let progress = ProgressLine("timing", total: networks.count, quiet: settings.isQuiet)
    defer { progress.finish() }
    for network in networks {
      let (contrasts, classes) = (network.architecture.inputChannels, network.architecture.classes)
      guard contrasts == SyntheticCase.contrasts.count && classes >= SyntheticCase.classes else {
        throw BenchmarkError.input(network: network.name, contrasts: contrasts, classes: classes)
      }
    }
    let cases = try SyntheticCase.cases(4, loop: settings.loop)
    let rows = try networks.map { network in
      defer { progress.advance(note: network.name) }
      return try measure(network, cases)
    }
    return InputReport(settings: settings, augmentation: augmentation.name, rows: rows)
  }

  /// The built-in plan for volumes, with the network's patch and the augmentation.
  private func sampler(_ network: BenchmarkNetwork, _ cases: [TrainingCase]) throws -> PatchSampler {
    var plan = BuiltInPlans.unet3d
    plan.name = network.name
    plan.dimensions = network.architecture.dimensions
    plan.patch = [network.patch.width, network.patch.height, network.patch.depth]
    plan.batch = network.batch
    plan.network.widths = network.architecture.widths
    plan.augmentation = augmentation
    plan.mirror = plan.dimensions == 2 ? ["x", "y"] : ["x", "y", "z"]
    let data = DataFingerprint(
      contrasts: SyntheticCase.contrasts, labelValues: (0..<UInt16(SyntheticCase.classes)).map { $0 },
      medianSpacing: .one, medianSize: SyntheticCase.size)
    return PatchSampler(
      plan: try plan.resolved(for: data, file: network.name), cases: cases, site: "benchmark", seed: 1)
  }

  private func measure(_ network: BenchmarkNetwork, _ cases: [TrainingCase]) throws -> Row {
    let step = try StepBenchmark(network, isTraining: true, loop: settings.loop, choice: settings.choice)
    let sampler = try sampler(network, cases)
    let pipeline = BatchPipeline(sampler: sampler, batch: network.batch)
    let steps = settings.repetitions ?? network.repetitions
    for _ in 0..<(settings.warmup ?? network.warmup) { try step.checkedStep() }
    var (bare, piped) = (TimeSamples(), TimeSamples())
    for block in 0..<Self.blocks {
      try bare.time(steps: steps) { try checked(step) }
      // The steady state: the first step, which waits for the first batch, is not timed, and the last has a
      // batch prepared beside it like the others.
      try pipeline.run(round: block, steps: steps + 2) { batches in
        func next() throws {
          batches.takeNext(image: step.network.input, targets: &step.targets)
          try checked(step)
        }
        try next()
        try piped.time(steps: steps, next)
      }
    }
    return Row(
      network: network, bare: bare, piped: piped, batchMilliseconds: batchMilliseconds(sampler, step))
  }

  /// Of each kind: an odd number, so that the median is one of them.
  private static let blocks = 5

  private func checked(_ step: StepBenchmark) throws {
    try settings.checkInterruption()
    try step.checkedStep()
  }

  private func batchMilliseconds(_ sampler: PatchSampler, _ step: StepBenchmark) -> Double {
    let workspace = sampler.makeWorkspace()
    let shape = step.network.inputShape
    let count = 24
    let watch = Stopwatch()
    for index in 0..<count {
      step.targets.withUnsafeMutableBufferPointer { targets in
        for sample in 0..<shape.batch {
          sampler.fill(
            round: 0, step: index, sample: sample,
            image: step.network.input + sample * shape.voxels * shape.channels,
            targets: targets.baseAddress! + sample * shape.voxels, workspace: workspace)
        }
      }
    }
    return 1000 * watch.processorSeconds / Double(count)
  }
}
