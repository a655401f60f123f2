import Foundations
import Tensor

/// A U-Net compiled for one batch shape: every buffer has its place, and a step allocates nothing.
///
/// Not thread-safe: one step at a time. The parameters belong to the caller.
package final class UNet {
  package let architecture: UNetArchitecture
  /// (batch, depth, height, width, contrasts).
  package let inputShape: TensorShape
  /// (batch, depth, height, width, classes).
  package let outputShape: TensorShape
  package let parameters: ParameterLayout
  /// Bytes of activations, gradients and statistics.
  package let arenaBytes: Int

  private let layers: [any Layer]
  private let isTraining: Bool
  private let inputPlace: Activation
  private let outputPlace: Activation
  private let arena: FloatBuffer
  private let workspace: Workspace
  private let loop: ParallelLoop

  /// Throws `NetworkError` where the architecture does not fit the shape.
  package init(
    _ architecture: UNetArchitecture, batch: Int, patch: Axes, isTraining: Bool, loop: ParallelLoop
  ) throws {
    try architecture.validate(patch: patch)
    let shape = TensorShape(
      batch: batch, depth: patch.depth, height: patch.height, width: patch.width,
      channels: architecture.inputChannels)
    let built = UNetBuilder(architecture, inputShape: shape, isTraining: isTraining)
    var demand = Workspace.Demand()
    for layer in built.layers { demand.include(layer.demand) }
    self.architecture = architecture
    self.isTraining = isTraining
    self.loop = loop
    inputShape = shape
    outputShape = built.output.shape
    parameters = built.parameters
    layers = built.layers
    inputPlace = built.input
    outputPlace = built.output
    arenaBytes = built.arena.bytes
    arena = FloatBuffer(count: built.arena.count)
    workspace = Workspace(demand, threads: loop.threads)
  }

  /// Where the caller puts the batch, `inputShape` in channels-last order.
  package var input: UnsafeMutablePointer<Float> { arena.pointer + inputPlace.value.offset }

  /// The logits of the last forward pass, `outputShape`.
  package var output: UnsafeMutablePointer<Float> { arena.pointer + outputPlace.value.offset }

  /// Where the caller puts the loss' gradient with respect to the logits before `backward`.
  package var outputGradient: UnsafeMutablePointer<Float> {
    precondition(isTraining, "the network was compiled for inference")
    return arena.pointer + outputPlace.gradient.offset
  }

  /// Runs the network on `input` with the given parameters (`parameters.count` values).
  package func forward(parameters: FloatBuffer) {
    let context = context(parameters: parameters, gradients: parameters)
    for layer in layers { layer.forward(context) }
  }

  /// Computes the gradient of every parameter from `outputGradient`; each value of `gradients` is overwritten.
  package func backward(parameters: FloatBuffer, gradients: FloatBuffer) {
    precondition(isTraining, "the network was compiled for inference")
    let context = context(parameters: parameters, gradients: gradients)
    for layer in layers.reversed() { layer.backward(context) }
  }

  private func context(parameters: FloatBuffer, gradients: FloatBuffer) -> StepContext {
    precondition(
      parameters.count == self.parameters.count && gradients.count == self.parameters.count,
      "the buffer holds another number of parameters")
    return StepContext(
      parameters: UnsafePointer(parameters.pointer), gradients: gradients.pointer,
      arena: arena.pointer, workspace: workspace, loop: loop)
  }
}
