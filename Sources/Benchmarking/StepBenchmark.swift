import Foundations
import Kernels
import NeuralNetwork
import Tensor

/// A compiled network with everything that a training step needs, on random scans and labels.
package final class StepBenchmark {
  package let item: BenchmarkNetwork
  package let network: UNet
  private let parameters: FloatBuffer
  private let gradients: FloatBuffer
  /// A class index for each voxel of the batch.
  package var targets: [UInt8]
  private let loss: DiceCrossEntropy
  private let optimizer: Optimizer
  private let loop: ParallelLoop

  /// Throws `NetworkError`.
  package init(
    _ item: BenchmarkNetwork, isTraining: Bool, loop: ParallelLoop, choice: ConvolutionChoice? = nil
  ) throws {
    self.item = item
    self.loop = loop
    network = try UNet(
      item.architecture, batch: item.batch, patch: item.patch, isTraining: isTraining, loop: loop,
      choice: choice)
    parameters = FloatBuffer(network.parameters.initialValues(seed: 1))
    gradients = FloatBuffer(count: isTraining ? parameters.count : 0)
    var stream = RandomStream(seed: 1, purpose: .test)
    for i in 0..<network.inputShape.count { network.input[i] = Float(stream.normal()) }
    let classes = item.architecture.classes
    targets = (0..<network.outputShape.rows).map { _ in UInt8(stream.integer(below: classes)) }
    loss = DiceCrossEntropy(classes: classes)
    // The peers clip nothing either.
    optimizer = Optimizer(
      .adam(weightDecay: 0), count: isTraining ? parameters.count : 0, clipNorm: .infinity)
  }

  /// One training step: forward, loss, backward, Adam. Returns the loss.
  @discardableResult
  package func step(observer: StepObserver? = nil) -> Double {
    network.forward(parameters: parameters, observer: observer)
    var value = 0.0
    for index in network.outputs.indices {
      // Coarser outputs, of deep supervision, see as many of the same random labels.
      let output = network.outputs[index]
      value +=
        output.weight
        * loss.evaluate(
          logits: output.logits, targets: targets, rows: output.shape.rows, gradient: output.gradient,
          loop: loop)
    }
    observer?(Self.lossLayer, .forward)
    network.backward(parameters: parameters, gradients: gradients, observer: observer)
    optimizer.step(parameters: parameters, gradients: gradients, rate: 1e-3, loop: loop)
    observer?(Self.optimizerLayer, .weightGradient)
    return value
  }

  /// What is no layer of the network, as observers are told of it.
  static let lossLayer = "loss"
  static let optimizerLayer = "optimiser"

  /// What each pass has to do, loss and optimiser with them.
  var work: [LayerWork] {
    let logits = network.outputs.reduce(0) { $0 + $1.shape.count }
    let labels = network.outputs.reduce(0) { $0 + $1.shape.rows } / MemoryLayout<Float>.stride
    // Adam reads parameters, gradients and two moments, and writes all but the gradients.
    return network.work + [
      LayerWork(Self.lossLayer, .forward, values: 2 * logits + labels),
      LayerWork(Self.optimizerLayer, .weightGradient, values: 7 * parameters.count),
    ]
  }

  /// One forward pass.
  package func infer(observer: StepObserver? = nil) {
    network.forward(parameters: parameters, observer: observer)
  }
}
