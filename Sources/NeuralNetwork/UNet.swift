import Foundations
import Kernels
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
  private let inputFeature: Feature
  private let outputFeature: Feature
  private let layout: ArenaLayout
  private let arena: FloatBuffer
  private let workspace: Workspace
  private let loop: ParallelLoop
  private let kernels: any KernelSet.Type

  /// Throws `NetworkError` where the architecture does not fit the shape.
  package init(
    _ architecture: UNetArchitecture, batch: Int, patch: Axes, isTraining: Bool, loop: ParallelLoop,
    kernels: any KernelSet.Type = KernelChoice.current, choice: ConvolutionChoice? = nil
  ) throws {
    try architecture.validate(patch: patch)
    let shape = TensorShape(
      batch: batch, depth: patch.depth, height: patch.height, width: patch.width,
      channels: architecture.inputChannels)
    let built = UNetBuilder(
      architecture, inputShape: shape, isTraining: isTraining,
      choice: choice ?? ConvolutionChoice(kernels: kernels.name))
    var demand = Workspace.Demand()
    for layer in built.layers { demand.include(layer.demand(isTraining: isTraining)) }
    let layout = built.arena.layout()
    self.architecture = architecture
    self.isTraining = isTraining
    self.loop = loop
    inputShape = shape
    outputShape = built.output.shape
    parameters = built.parameters
    layers = built.layers
    inputFeature = built.input
    outputFeature = built.output
    self.kernels = kernels
    self.layout = layout
    arenaBytes = layout.bytes
    arena = FloatBuffer(count: layout.count)
    workspace = Workspace(demand, threads: loop.threads)
  }

  /// Where the caller puts the batch, `inputShape` in channels-last order.
  package var input: UnsafeMutablePointer<Float> { arena.pointer + layout.offset(inputFeature.value) }

  /// The logits of the last forward pass, `outputShape`.
  package var output: UnsafeMutablePointer<Float> { arena.pointer + layout.offset(outputFeature.value) }

  /// Where the caller puts the loss' gradient with respect to the logits before `backward`.
  package var outputGradient: UnsafeMutablePointer<Float> {
    precondition(isTraining, "the network was compiled for inference")
    return arena.pointer + layout.offset(outputFeature.gradient)
  }

  /// Runs the network on `input` with the given parameters (`parameters.count` values).
  ///
  /// `observer` is told of each pass of each layer as it ends.
  package func forward(parameters: FloatBuffer, observer: StepObserver? = nil) {
    let context = context(parameters: parameters, gradients: parameters, observer: observer)
    for layer in layers {
      layer.forward(context)
      observer?(layer.name, .forward)
    }
  }

  /// Computes the gradient of every parameter from `outputGradient`; each value of `gradients` is overwritten.
  package func backward(
    parameters: FloatBuffer, gradients: FloatBuffer, observer: StepObserver? = nil
  ) {
    precondition(isTraining, "the network was compiled for inference")
    let context = context(parameters: parameters, gradients: gradients, observer: observer)
    for layer in layers.reversed() {
      layer.backward(context)
      observer?(layer.name, .inputGradient)
    }
  }

  private func context(
    parameters: FloatBuffer, gradients: FloatBuffer, observer: StepObserver?
  ) -> StepContext {
    precondition(
      parameters.count == self.parameters.count && gradients.count == self.parameters.count,
      "the buffer holds another number of parameters")
    return StepContext(
      parameters: UnsafePointer(parameters.pointer), gradients: gradients.pointer,
      arena: arena.pointer, layout: layout,
      convolution: ConvolutionContext(kernels: kernels, workspace: workspace, loop: loop),
      observer: observer)
  }
}

extension UNet {
  /// What each pass of each layer has to do, in the layers' order.
  package var work: [LayerWork] { layers.flatMap { $0.work(isTraining: isTraining) } }
}
