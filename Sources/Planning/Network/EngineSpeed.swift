import Foundations
import NeuralNetwork
import Tensor

/// How fast the engine trains: multiply-adds of the convolutions' definition in a second.
package struct EngineSpeed: Sendable, Equatable {
  package let multiplyAddsPerSecond: Double

  /// Two operations a multiply-add.
  package init(gigaflops: Double) { multiplyAddsPerSecond = gigaflops * 1e9 / 2 }

  package var gigaflops: Double { multiplyAddsPerSecond * 2 / 1e9 }

  package func seconds(_ multiplyAdds: Int) -> Double { Double(multiplyAdds) / multiplyAddsPerSecond }

  /// Times a small network of the same kind on this machine, a second or two: three stages, 48³ voxels or four of 128².
  ///
  /// The one place where a plan asks a clock; the speed can be given instead. Throws `NetworkError`.
  package static func measure(
    dimensions: Int, baseFeatures: Int, contrasts: Int, loop: ParallelLoop
  ) throws -> EngineSpeed {
    let extent = dimensions == 2 ? 128 : 48
    let architecture = UNetArchitecture(
      dimensions: dimensions, inputChannels: contrasts, classes: 4,
      widths: [baseFeatures, 2 * baseFeatures, 4 * baseFeatures])
    let network = try UNet(
      architecture, batch: dimensions == 2 ? 4 : 1,
      patch: Axes(dimensions == 2 ? 1 : extent, extent, extent), isTraining: true, loop: loop)
    let parameters = FloatBuffer(network.parameters.initialValues(seed: 1))
    let gradients = FloatBuffer(count: parameters.count)
    for index in 0..<network.inputShape.count { network.input[index] = Float(index % 7) - 3 }
    var seconds = Double.infinity
    for _ in 0..<4 {
      let start = ProgressLine.now
      network.forward(parameters: parameters)
      for index in 0..<network.outputShape.count { network.outputGradient[index] = network.output[index] }
      network.backward(parameters: parameters, gradients: gradients)
      seconds = min(seconds, ProgressLine.now - start)
    }
    let work = network.work.reduce(0) { $0 + $1.definedMultiplyAdds }
    return EngineSpeed(gigaflops: 2 * Double(work) / seconds / 1e9)
  }
}
