import NeuralNetwork
import Tensor
import Training

/// A network and batch that segfed and its peers are timed on: Ronneberger's U-Net in 2D or 3D, or a user's plan.
package struct BenchmarkNetwork: Sendable {
  /// A to D, or the plan's own.
  package let name: String
  package let architecture: UNetArchitecture
  package let batch: Int
  package let patch: Axes
  /// Steps before and while timing, where the user names none; as in `Benchmarks/peers/compare.py`.
  package let warmup: Int
  package let repetitions: Int

  /// Max pool, two convolutions a stage, 4 contrasts, 4 classes.
  private init(
    _ name: String, dimensions: Int, base: Int, stages: Int, batch: Int, extent: Int, warmup: Int,
    repetitions: Int
  ) {
    self.name = name
    self.batch = batch
    architecture = UNetArchitecture(
      dimensions: dimensions, inputChannels: 4, classes: 4, widths: (0..<stages).map { base << $0 },
      downsampling: .maxPool)
    patch = Axes(dimensions == 2 ? 1 : extent, extent, extent)
    (self.warmup, self.repetitions) = (warmup, repetitions)
  }

  /// A plan's network at its batch and patch. Throws `FileError`, `PlanError` or `NetworkError`.
  package init(plan path: String) throws {
    let plan = try Self.resolved(plan: path)
    name = plan.name
    architecture = plan.architecture
    batch = plan.batch
    patch = plan.patchAxes
    (warmup, repetitions) = (2, 10)
  }

  /// A plan, where there is no data: what it leaves to that is as in BraTS, 4 contrasts and labels.
  ///
  /// Throws `FileError` or `PlanError`.
  package static func resolved(plan path: String) throws -> TrainingPlan {
    let (file, path) = try BuiltInPlans.find(path)
    let data = DataFingerprint(
      contrasts: file.contrasts ?? ["t1", "t1ce", "t2", "flair"],
      labelValues: file.labels?.map(\.value) ?? [0, 1, 2, 4], medianSpacing: SIMD3(1, 1, 1),
      medianSize: SIMD3(240, 240, 155))
    return try PlanError.naming(path) { try file.resolved(for: data, file: path) }
  }

  package static let all = [
    BenchmarkNetwork(
      "A", dimensions: 2, base: 32, stages: 5, batch: 4, extent: 192, warmup: 2, repetitions: 10),
    BenchmarkNetwork(
      "B", dimensions: 2, base: 16, stages: 4, batch: 8, extent: 128, warmup: 5, repetitions: 20),
    BenchmarkNetwork(
      "C", dimensions: 3, base: 16, stages: 4, batch: 1, extent: 64, warmup: 2, repetitions: 10),
    BenchmarkNetwork(
      "D", dimensions: 3, base: 32, stages: 5, batch: 1, extent: 96, warmup: 1, repetitions: 3),
  ]

  /// Such as `2D, batch 4, 4×192×192, widths 32 to 512`.
  package var summary: String {
    let grid = architecture.dimensions == 2 ? "\(patch.height)×\(patch.width)" : "\(patch)"
    let widths = architecture.widths
    return "\(architecture.dimensions)D, batch \(batch), \(architecture.inputChannels)×\(grid), "
      + "widths \(widths[0]) to \(widths[widths.count - 1])"
  }

  /// The training network's convolutions. Throws `NetworkError`.
  package func convolutions() throws -> [NetworkConvolution] {
    try architecture.convolutions(batch: batch, patch: patch, isTraining: true)
  }
}
