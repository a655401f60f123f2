import Foundations
import Kernels
import Tensor

/// Told that a layer's pass has just ended; the time since the last call is the pass' own.
package typealias StepObserver = (_ layer: String, _ pass: ConvolutionPass) -> Void

/// What a layer sees of a step: parameters, gradients, arena and scratch.
struct StepContext {
  let parameters: UnsafePointer<Float>
  let gradients: UnsafeMutablePointer<Float>
  let arena: UnsafeMutablePointer<Float>
  let layout: ArenaLayout
  let convolution: ConvolutionContext
  /// Told of a weight gradient that ends within a layer's way back.
  let observer: StepObserver?

  var kernels: any KernelSet.Type { convolution.kernels }
  var workspace: Workspace { convolution.workspace }
  var loop: ParallelLoop { convolution.loop }

  func pointer(_ place: ArenaPlan.Place) -> UnsafeMutablePointer<Float> { arena + layout.offset(place) }

  func doubles(_ place: ArenaPlan.Place) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(pointer(place)).assumingMemoryBound(to: Double.self)
  }
}

/// One operation of a compiled network.
protocol Layer {
  /// As the user sees it, such as `encoder.0.1.conv`.
  var name: String { get }
  /// Scratch that it needs.
  func demand(isTraining: Bool) -> Workspace.Demand
  /// What its passes have to do at least, for reports.
  func work(isTraining: Bool) -> [LayerWork]
  /// Multiply-adds of its forward pass, each value that is moved counting as 16: what recomputing costs.
  var forwardWork: Double { get }
  var accesses: LayerAccesses { get }
  /// Computes its output from its input.
  func forward(_ context: StepContext)
  /// Computes its output once more, the same bits, from the same input; terms of a normalisation are kept.
  func recompute(_ context: StepContext)
  /// Computes the gradients of its input and its parameters from its output's gradient.
  func backward(_ context: StepContext)
}

/// Rows cut into pieces by their number alone.
struct RowPieces {
  /// No number of rows is cut into more.
  static let most = 32

  let rows: Int
  let piece: Int

  init(rows: Int) {
    self.rows = rows
    piece = max(256, (rows + Self.most - 1) / Self.most)
  }

  var count: Int { (rows + piece - 1) / piece }

  func range(_ index: Int) -> Range<Int> { (index * piece)..<min(rows, (index + 1) * piece) }
}
