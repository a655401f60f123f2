import Foundations
import NeuralNetwork

/// Random classes for each output of a network, and the loss over all outputs.
struct SupervisedTargets {
  /// A class for each row of each output.
  let classes: [[UInt8]]

  init(_ network: UNet, seed: UInt64) {
    var stream = RandomStream(seed: seed, purpose: .test)
    let count = network.architecture.classes
    classes = network.outputs.map { output in
      (0..<output.shape.rows).map { _ in UInt8(stream.integer(below: count)) }
    }
  }

  /// The sum of the outputs' losses, each times its share, with the gradients for the network's way back.
  func evaluate(_ network: UNet, _ loss: DiceCrossEntropy, loop: ParallelLoop = .serial) -> Double {
    var total = 0.0
    for index in network.outputs.indices {
      let output = network.outputs[index]
      total +=
        output.weight
        * loss.evaluate(
          logits: output.logits, targets: classes[index], rows: output.shape.rows, gradient: output.gradient,
          loop: loop)
      for i in 0..<output.shape.count { output.gradient[i] *= Float(output.weight) }
    }
    return total
  }
}
