import Foundations
import Kernels
import Tensor

/// How parameters follow gradients.
package enum OptimizerKind: Sendable, Equatable {
  /// AdamW: Adam (β 0.9, 0.999, ε 1e-8) with decoupled weight decay.
  case adam(weightDecay: Float)
  /// Stochastic gradient descent with Nesterov momentum, weight decay as an L2 term (nnU-Net: 0.99, 3e-5).
  case sgd(momentum: Float, weightDecay: Float)

  /// Numbers that are kept of each parameter from step to step.
  package var statesPerParameter: Int {
    switch self {
    case .adam: 2
    case .sgd: 1
    }
  }
}

/// An optimiser over the flat parameter buffer, with its state.
package final class Optimizer {
  package let kind: OptimizerKind
  /// The gradient's Euclidean norm is clipped to this (nnU-Net: 12); infinite: it is not even computed.
  package let clipNorm: Double
  /// Steps taken since the state was reset.
  package internal(set) var steps = 0

  private let first: FloatBuffer
  private let second: FloatBuffer
  /// Partial sums of the gradient's norm, in double precision.
  private let partials: FloatBuffer
  private static let piece = 16_384

  private let kernels: any KernelSet.Type

  package init(
    _ kind: OptimizerKind, count: Int, clipNorm: Double = 12,
    kernels: any KernelSet.Type = KernelChoice.current
  ) {
    self.kind = kind
    self.kernels = kernels
    self.clipNorm = clipNorm
    first = FloatBuffer(count: count)
    partials = FloatBuffer(count: 2 * ((count + Self.piece - 1) / Self.piece))
    if case .adam = kind { second = FloatBuffer(count: count) } else { second = FloatBuffer(count: 0) }
  }

  /// All that a step depends on and changes, apart from the parameters.
  var stateBuffers: [FloatBuffer] { [first, second].filter { $0.count > 0 } }

  /// Forgets momentum and step count.
  package func reset() {
    steps = 0
    first.fill(with: 0)
    second.fill(with: 0)
  }

  /// Moves `parameters` one step; returns the gradient's norm before clipping, not a number where nothing clips it.
  @discardableResult
  package func step(
    parameters: FloatBuffer, gradients: FloatBuffer, rate: Float, loop: ParallelLoop
  ) -> Double {
    precondition(parameters.count == first.count && gradients.count == first.count)
    steps += 1
    let norm = clipNorm.isFinite ? norm(gradients, loop: loop) : .nan
    let scale = norm > clipNorm ? Float(clipNorm / norm) : 1
    let count = parameters.count
    loop.forEach((count + Self.piece - 1) / Self.piece) { index, _ in
      let offset = index * Self.piece
      update(
        parameters.pointer + offset, gradients.pointer + offset, offset: offset,
        count: min(Self.piece, count - offset), rate: rate, scale: scale)
    }
    return norm
  }

  private func update(
    _ parameters: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, offset: Int,
    count: Int, rate: Float, scale: Float
  ) {
    switch kind {
    case .adam(let decay):
      kernels.adamStep(
        parameters, gradient: gradient, first: first.pointer + offset, second: second.pointer + offset,
        count: count,
        terms: AdamTerms(
          gradientScale: scale, rate: rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: decay,
          correction1: Float(1 - PortableMath.pow(0.9, Double(steps))),
          correction2: Float(1 - PortableMath.pow(0.999, Double(steps)))))
    case .sgd(let momentum, let decay):
      kernels.momentumStep(
        parameters, gradient: gradient, velocity: first.pointer + offset, count: count,
        terms: MomentumTerms(gradientScale: scale, rate: rate, momentum: momentum, decay: decay))
    }
  }

  /// The Euclidean norm, summed in pieces of a fixed size.
  private func norm(_ gradients: FloatBuffer, loop: ParallelLoop) -> Double {
    let count = gradients.count
    let piece = Self.piece
    let pieces = (count + piece - 1) / piece
    let sums = partials.doubles
    loop.forEach(pieces) { index, _ in
      sums[index] = kernels.sumOfSquares(
        gradients.pointer + index * piece, count: min(piece, count - index * piece))
    }
    var total = 0.0
    for index in 0..<pieces { total += sums[index] }
    return total.squareRoot()
  }
}
