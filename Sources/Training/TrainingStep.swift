import Foundations
import NeuralNetwork
import Tensor

/// What a step was stopped by.
struct NotFinite: Error {
  let quantity: TrainingError.Quantity
}

/// One step on a batch: forward, loss, backward, optimiser. Taking it allocates nothing.
struct TrainingStep {
  private let network: UNet
  private let parameters: FloatBuffer
  private let gradients: FloatBuffer
  private let loss: DeepSupervision
  private let optimizer: Optimizer
  private let local: LocalGradient?
  private let loop: ParallelLoop

  init(
    _ network: UNet, parameters: FloatBuffer, loss: LossSettings, optimizer: Optimizer,
    local: LocalGradient? = nil, loop: ParallelLoop
  ) {
    self.network = network
    self.parameters = parameters
    self.optimizer = optimizer
    self.local = local
    self.loop = loop
    gradients = FloatBuffer(count: parameters.count)
    self.loss = DeepSupervision(loss, of: network)
  }

  /// Returns the loss; throws before the parameters change where it, or the gradient's norm, is not finite.
  func take(targets: UnsafePointer<UInt8>, rate: Float) throws(NotFinite) -> Double {
    network.forward(parameters: parameters)
    let value = loss.evaluate(targets: targets, loop: loop)
    guard value.isFinite else { throw NotFinite(quantity: .loss) }
    network.backward(parameters: parameters, gradients: gradients)
    local?.add(to: gradients, at: parameters, loop: loop)
    let norm = optimizer.step(parameters: parameters, gradients: gradients, rate: rate, loop: loop)
    if let norm, !norm.isFinite { throw NotFinite(quantity: .gradient) }
    return value
  }
}

extension DeepSupervision {
  /// The loss of a network's outputs.
  convenience init(_ settings: LossSettings, of network: UNet) {
    self.init(
      settings,
      outputs: network.outputs.map {
        LossOutput(logits: $0.logits, gradient: $0.gradient, shape: $0.shape, weight: $0.weight)
      })
  }
}
