import Foundations
import Kernels
import Tensor

/// A U-Net compiled for one batch shape: every buffer has its place, and a step allocates nothing.
///
/// Not thread-safe: one step at a time. The parameters belong to the caller.
package final class UNet {
  package let architecture: UNetArchitecture
  /// (batch, depth, height, width, contrasts).
  package var inputShape: TensorShape { plan.inputShape }
  /// (batch, depth, height, width, classes) of the finest output.
  package var outputShape: TensorShape { outputs[0].shape }
  package var parameters: ParameterLayout { plan.parameters }
  package var memory: NetworkMemory { plan.memory }
  /// Bytes of activations, gradients and statistics.
  package var arenaBytes: Int { plan.memory.arena }
  /// Layers that a training step computes twice, see `UNetPlan`.
  package var recomputed: [String] { plan.recomputed }

  /// Finest first, always one at least; more only in training with deep supervision.
  package let outputs: [NetworkOutput]
  /// Features that `NetworkOptions.taps` names, in their order.
  package let taps: [FeatureTap]

  private let plan: UNetPlan
  private let isTraining: Bool
  private let arena: FloatBuffer
  private let workspace: Workspace
  private let loop: ParallelLoop
  private let kernels: any KernelSet.Type

  /// Throws `NetworkError` where the architecture does not fit the shape, or the network not into memory.
  package init(
    _ architecture: UNetArchitecture, batch: Int, patch: Axes, isTraining: Bool, loop: ParallelLoop,
    kernels: any KernelSet.Type = KernelChoice.current, choice: ConvolutionChoice? = nil,
    options: NetworkOptions = NetworkOptions()
  ) throws {
    plan = try UNetPlan(
      architecture, batch: batch, patch: patch, isTraining: isTraining, threads: loop.threads,
      choice: choice ?? ConvolutionChoice(kernels: kernels.name), options: options)
    self.architecture = architecture
    self.isTraining = isTraining
    self.loop = loop
    self.kernels = kernels
    let arena = FloatBuffer(count: plan.layout.count)
    let layout = plan.layout
    func start(_ view: TensorView) -> UnsafeMutablePointer<Float>? {
      view.place == .none ? nil : arena.pointer + layout.offset(view.place)
    }
    let weights = isTraining ? architecture.supervisionWeights : [1]
    outputs = zip(plan.outputs, weights).map { output, weight in
      NetworkOutput(
        output, weight: weight, logits: arena.pointer + layout.offset(output.feature.value.place),
        gradient: start(output.feature.gradient))
    }
    taps = plan.taps.map { tap in
      FeatureTap(
        tap, values: arena.pointer + layout.offset(tap.feature.value.place),
        gradient: start(tap.feature.gradient))
    }
    self.arena = arena
    workspace = Workspace(plan.demand, threads: loop.threads)
  }

  /// Where the caller puts the batch, `inputShape` in channels-last order.
  package var input: UnsafeMutablePointer<Float> {
    arena.pointer + plan.layout.offset(plan.input.value.place)
  }

  /// The finest output's logits of the last forward pass, `outputShape`.
  package var output: UnsafeMutablePointer<Float> { outputs[0].logits }

  /// Where the caller puts the loss' gradient with respect to the finest output's logits before `backward`.
  package var outputGradient: UnsafeMutablePointer<Float> { outputs[0].gradient }

  /// Runs the network on `input` with the given parameters (`parameters.count` values).
  ///
  /// `observer` is told of each pass of each layer as it ends.
  package func forward(parameters: FloatBuffer, observer: StepObserver? = nil) {
    let context = context(parameters: parameters, gradients: parameters, observer: observer)
    for operation in plan.schedule.forward { run(operation, context, observer: observer) }
  }

  /// Computes the gradient of every parameter from the gradients of all outputs; each value of `gradients` is overwritten.
  package func backward(
    parameters: FloatBuffer, gradients: FloatBuffer, observer: StepObserver? = nil
  ) {
    precondition(isTraining, "the network was compiled for inference")
    let context = context(parameters: parameters, gradients: gradients, observer: observer)
    for operation in plan.schedule.backward { run(operation, context, observer: observer) }
  }

  private func run(_ operation: StepSchedule.Operation, _ context: StepContext, observer: StepObserver?) {
    switch operation {
    case .input, .output, .end: break  // The caller's.
    case .forward(let index):
      plan.layers[index].forward(context)
      observer?(plan.layers[index].name, .forward)
    case .recompute(let index):
      plan.layers[index].recompute(context)
      observer?(plan.layers[index].name, .forward)
    case .backward(let index):
      plan.layers[index].backward(context)
      observer?(plan.layers[index].name, .inputGradient)
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
      arena: arena.pointer, layout: plan.layout,
      convolution: ConvolutionContext(kernels: kernels, workspace: workspace, loop: loop),
      observer: observer)
  }
}

extension UNet {
  /// What each pass of each layer has to do, in the layers' order.
  package var work: [LayerWork] { plan.layers.flatMap { $0.work(isTraining: isTraining) } }
}
