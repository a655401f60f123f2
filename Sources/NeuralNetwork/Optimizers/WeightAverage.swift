import Foundations
import Kernels
import Tensor

/// The exponential moving average of the weights after each step (Polyak & Juditsky 1992), its start corrected as Adam's
/// moments are: Σ dⁿ⁻ⁱ wᵢ / Σ dⁿ⁻ⁱ over steps i = 1 … n.
package final class WeightAverage {
  /// d: the average reaches back about 1 / (1 − d) steps.
  package let decay: Double
  /// Steps in the average.
  package private(set) var steps = 0

  private let buffer: FloatBuffer
  private let kernels: any KernelSet.Type

  package init(
    decay: Double, count: Int, kernels: any KernelSet.Type = KernelChoice.current
  ) {
    self.decay = decay
    self.kernels = kernels
    buffer = FloatBuffer(count: count)
  }

  package var values: [Float] { buffer.values }

  package func reset() { steps = 0 }

  /// Takes in the weights after a step.
  package func add(_ weights: FloatBuffer, loop: ParallelLoop) {
    precondition(weights.count == buffer.count)
    steps += 1
    if steps == 1 {
      buffer.pointer.update(from: weights.pointer, count: buffer.count)
      return
    }
    let share = Float((1 - decay) / (1 - PortableMath.pow(decay, Double(steps))))
    loop.forEachPiece(of: buffer.count) { piece in
      kernels.blend(
        buffer.pointer + piece.lowerBound, toward: weights.pointer + piece.lowerBound, count: piece.count,
        share: share)
    }
  }
}

/// A weight average on its way.
package struct WeightAverageState: Sendable, Equatable {
  package var steps: Int
  package var values: [Float]

  package init(steps: Int, values: [Float]) {
    (self.steps, self.values) = (steps, values)
  }
}

extension WeightAverage {
  package var state: WeightAverageState { WeightAverageState(steps: steps, values: values) }

  package func restore(_ state: WeightAverageState) {
    steps = state.steps
    buffer.fill(from: state.values)
  }
}
