import Export
import Foundation
import Foundations
import Interchange
import NeuralNetwork
import Tensor

/// One forward pass of a network on a random batch; every parameter is drawn, none is 0 or 1.
struct NetworkRun {
  let architecture: UNetArchitecture
  let batch: Int
  let patch: Axes
  let weights: [Float]
  /// `(batch, depth, height, width, channels)`, as the network has it; the same for `logits`.
  let image: [Float]
  let logits: [Float]

  /// The patch's axes that the network has.
  var grid: [Int] { Array([patch.depth, patch.height, patch.width].suffix(architecture.dimensions)) }

  init(_ architecture: UNetArchitecture, batch: Int, patch: Axes, seed: UInt64) throws {
    var stream = RandomStream(seed: seed, purpose: .test)
    var weights = architecture.parameterLayout.initialValues(seed: seed)
    for entry in architecture.parameterLayout.entries where entry.shape.count == 1 {
      for index in entry.offset..<entry.offset + entry.count {
        weights[index] += Float(0.3 * stream.normal())
      }
    }
    let count = batch * patch.product * architecture.inputChannels
    try self.init(
      architecture, batch: batch, patch: patch, weights: weights,
      image: (0..<count).map { _ in Float(stream.normal()) })
  }

  init(_ architecture: UNetArchitecture, batch: Int, patch: Axes, weights: [Float], image: [Float]) throws {
    (self.architecture, self.batch, self.patch) = (architecture, batch, patch)
    (self.weights, self.image) = (weights, image)
    let network = try UNet(
      architecture, batch: batch, patch: patch, isTraining: false, loop: ParallelLoop(threads: 2))
    precondition(image.count == network.inputShape.count)
    for (index, value) in image.enumerated() { network.input[index] = value }
    network.forward(parameters: FloatBuffer(weights))
    logits = Array(UnsafeBufferPointer(start: network.output, count: network.outputShape.count))
  }

  /// In the layout of `logits`, computed in Double.
  func probabilities(_ activation: ONNXNetwork.Activation) -> [Float] {
    let classes = architecture.classes
    return stride(from: 0, to: logits.count, by: classes).flatMap { row -> [Float] in
      let values = logits[row..<row + classes].map { exp(Double($0)) }
      switch activation {
      case .softmax: return values.map { Float($0 / values.reduce(0, +)) }
      case .sigmoid: return values.map { Float($0 / (1 + $0)) }
      }
    }
  }

  /// Values in the network's layout as `(batch, channels, grid)`.
  func channelsFirst(_ name: String, _ values: [Float], channels: Int) -> NamedTensor {
    let voxels = patch.product
    var turned: [Float] = []
    for sample in 0..<batch {
      for channel in 0..<channels {
        for voxel in 0..<voxels { turned.append(values[(sample * voxels + voxel) * channels + channel]) }
      }
    }
    return NamedTensor(name: name, shape: [batch, channels] + grid, values: turned)
  }
}
