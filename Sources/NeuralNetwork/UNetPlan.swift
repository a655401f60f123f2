import Foundations
import Tensor

/// What a network is compiled for: everything that its size follows from.
struct NetworkSpecification {
  let architecture: UNetArchitecture
  var batch: Int
  /// Depth, height, width.
  var patch: Axes
  let isTraining: Bool
  let threads: Int
  let choice: ConvolutionChoice
  let options: NetworkOptions
}

/// A U-Net compiled without a byte allocated: layers, their order in a step, and the places of all tensors.
package struct UNetPlan {
  /// (batch, depth, height, width, contrasts).
  package let inputShape: TensorShape
  package let parameters: ParameterLayout
  package let memory: NetworkMemory
  /// Layers that a training step computes twice to stay below the ceiling, in the network's order.
  package let recomputed: [String]
  /// The most bytes of activations and gradients in use at once: no arena is smaller.
  package let leastArenaBytes: Int

  let layers: [any Layer]
  let input: Feature
  /// Finest first.
  let outputs: [UNetBuilder.Named]
  /// In the order in which the options name them.
  let taps: [UNetBuilder.Named]
  let schedule: StepSchedule
  let layout: ArenaLayout
  let demand: Workspace.Demand

  /// Compiles for a batch of patches, and makes sure that there is memory for it.
  ///
  /// - Parameters:
  ///   - patch: depth, height, width.
  ///   - threads: workers, each with its scratch.
  ///   - available: bytes that the machine has left; see `MachineMemory`.
  /// - Throws: `NetworkError` where no such network can be, or none within the ceiling or the machine.
  package init(
    _ architecture: UNetArchitecture, batch: Int, patch: Axes, isTraining: Bool, threads: Int,
    choice: ConvolutionChoice = ConvolutionChoice(), options: NetworkOptions = NetworkOptions(),
    available: Int? = MachineMemory.available()
  ) throws {
    try architecture.validate(batch: batch, patch: patch)
    let known = UNetBuilder.tapNames(architecture)
    for name in options.taps where !known.contains(name) {
      throw NetworkError.tap(found: name, known: known)
    }
    let specification = NetworkSpecification(
      architecture: architecture, batch: batch, patch: patch, isTraining: isTraining, threads: threads,
      choice: choice, options: options)
    let search = MemorySearch(specification: specification, available: available)
    self = try search.plan()
  }

  /// Compiles a valid specification; nil where its ceiling cannot be met. Without `ceiling` nothing is recomputed.
  init?(_ specification: NetworkSpecification, ceiling: Int?) {
    let compiled = Compiled(specification)
    guard let ceiling, specification.isTraining else {
      self.init(compiled, plan: compiled.recomputation.keepingAll)
      return
    }
    let room = ceiling - compiled.memory(arena: 0).total
    guard let plan = compiled.recomputation.plan(within: room / MemoryLayout<Float>.stride) else {
      return nil
    }
    self.init(compiled, plan: plan)
  }

  /// The plan with the smallest arena that recomputation reaches.
  init(least specification: NetworkSpecification) {
    let compiled = Compiled(specification)
    let recomputation = compiled.recomputation
    self.init(compiled, plan: specification.isTraining ? recomputation.leastPlan() : recomputation.keepingAll)
  }

  private init(_ compiled: Compiled, plan: Recomputation.Plan) {
    inputShape = compiled.built.input.shape
    parameters = compiled.built.parameters
    layers = compiled.built.layers
    input = compiled.built.input
    outputs = compiled.built.outputs
    taps = compiled.taps
    demand = compiled.demand
    schedule = plan.schedule
    layout = plan.layout
    memory = compiled.memory(arena: plan.layout.bytes)
    recomputed = plan.schedule.recomputed.map { compiled.built.layers[$0].name }
    leastArenaBytes = plan.leastCount * MemoryLayout<Float>.stride
  }
}

/// A network's layers before the order of its step is fixed.
private struct Compiled {
  let built: UNetBuilder
  let demand: Workspace.Demand
  private let specification: NetworkSpecification

  init(_ specification: NetworkSpecification) {
    self.specification = specification
    let patch = specification.patch
    built = UNetBuilder(
      specification.architecture,
      inputShape: TensorShape(
        batch: specification.batch, depth: patch.depth, height: patch.height, width: patch.width,
        channels: specification.architecture.inputChannels),
      isTraining: specification.isTraining, choice: specification.choice, taps: specification.options.taps)
    var demand = Workspace.Demand()
    for layer in built.layers { demand.include(layer.demand(isTraining: specification.isTraining)) }
    self.demand = demand
  }

  var taps: [UNetBuilder.Named] {
    specification.options.taps.compactMap { name in built.taps.first { $0.name == name } }
  }

  var recomputation: Recomputation {
    Recomputation(
      accesses: built.accesses, work: built.layers.map(\.forwardWork), arena: built.arena,
      isTraining: specification.isTraining)
  }

  func memory(arena: Int) -> NetworkMemory {
    let weights = built.parameters.count * MemoryLayout<Float>.stride
    // Weights, and in training their gradients and what the optimiser and the average keep of each.
    let options = specification.options
    let kept = (options.optimizer?.statesPerParameter ?? 0) + (options.keepsAverage ? 1 : 0)
    let copies = specification.isTraining ? 2 + kept : 1
    return NetworkMemory(
      arena: arena, workspace: demand.bytes(threads: specification.threads), parameters: weights * copies)
  }
}
