import NeuralNetwork
import Tensor

/// A network and batch that segfed and its peers are timed on: Ronneberger's U-Net in 2D or 3D.
package struct BenchmarkNetwork: Sendable {
  /// A to D.
  package let name: String
  package let architecture: UNetArchitecture
  package let batch: Int
  package let patch: Axes

  /// Max pool, two convolutions a stage, 4 contrasts, 4 classes.
  private init(_ name: String, dimensions: Int, base: Int, stages: Int, batch: Int, extent: Int) {
    self.name = name
    self.batch = batch
    architecture = UNetArchitecture(
      dimensions: dimensions, inputChannels: 4, classes: 4, widths: (0..<stages).map { base << $0 },
      downsampling: .maxPool)
    patch = Axes(dimensions == 2 ? 1 : extent, extent, extent)
  }

  package static let all = [
    BenchmarkNetwork("A", dimensions: 2, base: 32, stages: 5, batch: 4, extent: 192),
    BenchmarkNetwork("B", dimensions: 2, base: 16, stages: 4, batch: 8, extent: 128),
    BenchmarkNetwork("C", dimensions: 3, base: 16, stages: 4, batch: 1, extent: 64),
    BenchmarkNetwork("D", dimensions: 3, base: 32, stages: 5, batch: 1, extent: 96),
  ]

  /// Such as `2D, batch 4, 4×192², base 32, 5 stages`.
  package var summary: String {
    let power = architecture.dimensions == 2 ? "²" : "³"
    return
      "\(architecture.dimensions)D, batch \(batch), \(architecture.inputChannels)×\(patch.width)\(power), "
      + "base \(architecture.widths[0]), \(architecture.widths.count) stages"
  }
}
