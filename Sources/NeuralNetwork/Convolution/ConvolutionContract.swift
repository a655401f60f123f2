import Foundations
import Kernels
import Tensor

/// What a pass of a convolution runs with.
package struct ConvolutionContext {
  package let kernels: any KernelSet.Type
  package let workspace: Workspace
  package let loop: ParallelLoop

  package init(kernels: any KernelSet.Type, workspace: Workspace, loop: ParallelLoop) {
    self.kernels = kernels
    self.workspace = workspace
    self.loop = loop
  }
}

/// The arguments of a forward pass or an input gradient: target ← source ∗ weights, in either direction.
package struct DataCall {
  package var source: TensorRead
  package var weights: UnsafePointer<Float>
  package var bias: UnsafePointer<Float>?
  package var target: TensorWrite
  /// Sums per piece of work: piece p of sample s adds to `pieces·s + p`'s two runs of channels.
  package var epilogue: Epilogue

  package init(
    source: TensorRead, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>? = nil,
    target: TensorWrite, epilogue: Epilogue = .none
  ) {
    (self.source, self.weights, self.bias) = (source, weights, bias)
    (self.target, self.epilogue) = (target, epilogue)
  }
}

/// The arguments of a weight gradient.
package struct WeightCall {
  package var input: TensorRead
  package var gradient: GradientRead
  package var weightGradient: UnsafeMutablePointer<Float>

  package init(input: TensorRead, gradient: GradientRead, weightGradient: UnsafeMutablePointer<Float>) {
    (self.input, self.gradient, self.weightGradient) = (input, gradient, weightGradient)
  }
}

/// A way to compute a convolution's output, or its input's gradient.
///
/// Work is split into pieces by shape alone, each within one sample, so that the bits do not depend on threads.
package protocol DataStrategy: Sendable {
  /// Name with tile, such as `winograd 4×4`.
  var name: String { get }
  var demand: Workspace.Demand { get }
  /// Pieces of work to a sample, each with its own partial sums.
  var piecesPerSample: Int { get }
  /// Multiply-adds of its matrix products, whole registers and tiles counted, transforms left out.
  var multiplyAdds: Int { get }
  func run(_ call: DataCall, _ context: ConvolutionContext)
}

/// A way to compute a convolution's weight gradient.
///
/// Leaves the gradient before the normalisation in `gradient.values` (see `GradientRead`).
package protocol WeightStrategy: Sendable {
  var name: String { get }
  var demand: Workspace.Demand { get }
  /// As a data strategy's.
  var multiplyAdds: Int { get }
  func run(_ call: WeightCall, _ context: ConvolutionContext)
}

extension Epilogue {
  /// The epilogue of one piece of work.
  func piece(_ index: Int, channels: Int) -> Epilogue {
    let offset = index * 2 * channels
    switch self {
    case .none: return .none
    case .moments(let sums): return .moments(sums: sums + offset)
    case .normGradient(let input, let sums): return .normGradient(input: input, sums: sums + offset)
    }
  }
}

extension DataCall {
  /// Bias (unless it is in already) and epilogue for voxels that have just been written and still lie in the cache.
  func finish(
    _ kernels: any KernelSet.Type, shape: TensorShape, sample: Int, voxels: Range<Int>, piece: Int,
    hasBias: Bool = false
  ) {
    let first = sample * shape.voxels + voxels.lowerBound
    let rows = target.base + first * target.stride
    if let bias, !hasBias {
      kernels.addBias(rows, stride: target.stride, rows: voxels.count, channels: shape.channels, bias: bias)
    }
    switch epilogue.piece(piece, channels: shape.channels) {
    case .none: break
    case .moments(let sums):
      kernels.accumulateMoments(
        rows, stride: target.stride, rows: voxels.count, channels: shape.channels, sums: sums)
    case .normGradient(let input, let sums):
      guard let norm = input.terms(sample: sample) else { return }
      kernels.accumulateNormGradient(
        input.base + first * input.stride, stride: input.stride, gradient: rows,
        gradientStride: target.stride, rows: voxels.count, channels: shape.channels, norm: norm, sums: sums)
    }
  }
}

extension WeightCall {
  /// Turns the gradient of some voxels into that before the normalisation, where one followed.
  func prepare(_ kernels: any KernelSet.Type, shape: TensorShape, sample: Int, voxels: Range<Int>) {
    guard let output = gradient.output, let norm = output.terms(sample: sample) else { return }
    let first = sample * shape.voxels + voxels.lowerBound
    kernels.normInputGradient(
      output.base + first * output.stride, stride: output.stride,
      gradient: gradient.values + first * gradient.stride, gradientStride: gradient.stride,
      rows: voxels.count, channels: shape.channels, norm: norm)
  }
}

/// Numbers rounded up to whole SIMD registers.
func lanes(_ count: Int) -> Int { (count + 15) / 16 * 16 }

extension Axes {
  var triple: (depth: Int, height: Int, width: Int) { (depth, height, width) }
}
