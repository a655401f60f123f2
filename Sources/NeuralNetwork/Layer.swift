import Foundations
import Kernels
import Tensor

/// A tensor of a compiled network: its shape and its places in the arena.
struct Activation {
  let shape: TensorShape
  let value: ArenaPlan.Place
  /// Where the loss' gradient with respect to the value goes; empty when compiled for inference.
  let gradient: ArenaPlan.Place
}

/// What a layer sees of a step: parameters, gradients, arena and scratch.
struct StepContext {
  let parameters: UnsafePointer<Float>
  let gradients: UnsafeMutablePointer<Float>
  let arena: UnsafeMutablePointer<Float>
  let workspace: Workspace
  let loop: ParallelLoop

  func pointer(_ place: ArenaPlan.Place) -> UnsafeMutablePointer<Float> { arena + place.offset }
}

/// One operation of a compiled network.
protocol Layer {
  /// Scratch that it needs.
  var demand: Workspace.Demand { get }
  /// Computes its output from its input.
  func forward(_ context: StepContext)
  /// Computes the gradients of its input and its parameters from its output's gradient.
  func backward(_ context: StepContext)
}

/// Rows cut into pieces by their number alone.
struct RowPieces {
  let rows: Int
  let piece: Int

  init(rows: Int) {
    self.rows = rows
    piece = max(256, (rows + 31) / 32)
  }

  var count: Int { (rows + piece - 1) / piece }

  func range(_ index: Int) -> Range<Int> { (index * piece)..<min(rows, (index + 1) * piece) }
}
