import Foundations
import Kernels
import Tensor

/// How parameters follow gradients.
package enum OptimizerKind: Sendable, Equatable {
  /// Adam (β 0.9, 0.999, ε 1e-8) with weight decay as an L2 term in the gradient (`torch.optim.Adam`).
  case adam(weightDecay: Float)
  /// Adam with decoupled weight decay (`torch.optim.AdamW`).
  case adamW(weightDecay: Float)
  /// Stochastic gradient descent with Nesterov momentum, weight decay as an L2 term (nnU-Net: 0.99, 3e-5).
  case sgd(momentum: Float, weightDecay: Float)

  /// Numbers that are kept of each parameter from step to step.
  package var statesPerParameter: Int {
    switch self {
    case .adam, .adamW: 2
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

  /// What is kept of each parameter: SGD's velocity; Adam's first and second moments.
  private let moments: [FloatBuffer]
  /// Partial sums of the gradient's norm, in double precision.
  private let partials: FloatBuffer

  private let kernels: any KernelSet.Type

  package init(
    _ kind: OptimizerKind, count: Int, clipNorm: Double = 12,
    kernels: any KernelSet.Type = KernelChoice.current
  ) {
    self.kind = kind
    self.kernels = kernels
    self.clipNorm = clipNorm
    moments = (0..<kind.statesPerParameter).map { _ in FloatBuffer(count: count) }
    partials = FloatBuffer(count: 2 * (count / ParallelLoop.pieceLength + 1))
  }

  /// All that a step depends on and changes, apart from the parameters.

  /// Forgets momentum and step count.
  package func reset() {
    steps = 0
    for moment in moments { moment.fill(with: 0) }
  }

  /// Moves `parameters` one step; returns the gradient's norm before clipping, nil where nothing clips it.
  ///
  /// A norm that is not finite leaves parameters and state as they are.
  @discardableResult
  package func step(
    parameters: FloatBuffer, gradients: FloatBuffer, rate: Float, loop: ParallelLoop
  ) -> Double? {
    let count = parameters.count
    precondition(count == moments[0].count && count == gradients.count)
    let norm = clipNorm.isFinite ? norm(gradients, loop: loop) : nil
    if let norm, !norm.isFinite { return norm }
    steps += 1
    let scale = norm.map { $0 > clipNorm ? Float(clipNorm / $0) : 1 } ?? 1
    loop.forEachPiece(of: count) { piece in
      let offset = piece.lowerBound
      update(
        parameters.pointer + offset, gradients.pointer + offset, offset: offset, count: piece.count,
        rate: rate,
        scale: scale)
    }
    return norm
  }

  private func update(
    _ parameters: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, offset: Int,
    count: Int, rate: Float, scale: Float
  ) {
    switch kind {
    case .adam(let decay), .adamW(let decay):
      var isDecoupled = false
      if case .adamW = kind { isDecoupled = true }
      kernels.adamStep(
        parameters, gradient: gradient, first: moments[0].pointer + offset,
        second: moments[1].pointer + offset, count: count,
        terms: AdamTerms(
          gradientScale: scale, rate: rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8,
          penalty: isDecoupled ? 0 : decay, decay: isDecoupled ? decay : 0,
          correction1: Float(1 - PortableMath.pow(0.9, Double(steps))),
          correction2: Float(1 - PortableMath.pow(0.999, Double(steps)))))
    case .sgd(let momentum, let decay):
      kernels.momentumStep(
        parameters, gradient: gradient, velocity: moments[0].pointer + offset, count: count,
        terms: MomentumTerms(gradientScale: scale, rate: rate, momentum: momentum, decay: decay))
    }
  }

  /// The Euclidean norm, summed in pieces of a fixed size.
  private func norm(_ gradients: FloatBuffer, loop: ParallelLoop) -> Double {
    let sums = partials.doubles
    loop.forEachPiece(of: gradients.count) { piece in
      sums[piece.lowerBound / ParallelLoop.pieceLength] = kernels.sumOfSquares(
        gradients.pointer + piece.lowerBound, count: piece.count)
    }
    var total = 0.0
    for first in stride(from: 0, to: gradients.count, by: ParallelLoop.pieceLength) {
      total += sums[first / ParallelLoop.pieceLength]
    }
    return total.squareRoot()
  }
}

/// What an optimiser remembers from step to step.
package struct OptimizerState: Sendable, Equatable {
  package var steps: Int
  /// Each as long as the parameters: SGD's velocity; Adam's first and second moments.
  package var moments: [[Float]]

  package init(steps: Int, moments: [[Float]]) {
    (self.steps, self.moments) = (steps, moments)
  }
}

extension Optimizer {
  package var state: OptimizerState { OptimizerState(steps: steps, moments: moments.map(\.values)) }

  /// Takes up a state of the same kind and number of parameters; the next step has the bits that it would have had there.
  package func restore(_ state: OptimizerState) {
    precondition(state.moments.count == moments.count, "the state is of another optimiser")
    steps = state.steps
    for (moment, values) in zip(moments, state.moments) { moment.fill(from: values) }
  }
}
