/// The operations of a step in the order in which they run.
struct StepSchedule: Sendable {
  enum Operation: Sendable, Equatable {
    /// The caller writes the batch.
    case input
    case forward(Int)
    /// The caller reads the logits, and in training writes their gradient.
    case output
    /// A layer's forward pass once more: its output was given up, and is needed on the way back.
    case recompute(Int)
    case backward(Int)
    /// The caller reads features that were kept.
    case end
  }

  private(set) var operations: [Operation]
  /// Where `.output` stands.
  let outputIndex: Int

  /// All layers forward, the loss, all layers backward; nothing is computed twice.
  init(layers: Int, isTraining: Bool) {
    operations = [.input] + (0..<layers).map { .forward($0) } + [.output]
    outputIndex = operations.count - 1
    if isTraining { operations += (0..<layers).reversed().map { .backward($0) } }
    operations.append(.end)
  }

  /// The operations of the way forth, and of the way back.
  var forward: ArraySlice<Operation> { operations[..<outputIndex] }
  var backward: ArraySlice<Operation> { operations[(outputIndex + 1)...] }

  /// The same with some layers recomputed just before an operation of the way back.
  func recomputing(_ layers: [Int], before index: Int) -> StepSchedule {
    precondition(index > outputIndex, "on the way forth every value is there")
    var schedule = self
    schedule.operations.insert(contentsOf: layers.map { .recompute($0) }, at: index)
    return schedule
  }

  /// Layers that are recomputed, in the network's order, each once.
  var recomputed: [Int] {
    var layers: [Int] = []
    for case .recompute(let layer) in operations where !layers.contains(layer) { layers.append(layer) }
    return layers.sorted()
  }
}
