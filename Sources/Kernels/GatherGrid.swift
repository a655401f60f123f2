/// Where the rows of a tiled im2col matrix come from: a run of neighbouring taps along the width.
package struct TapRun: Sendable {
  /// Offset of the run's first tap from the scaled position, in source voxels.
  package var depth: Int
  package var height: Int
  package var width: Int
  /// Taps in the run.
  package var length: Int

  @inlinable
  package init(depth: Int, height: Int, width: Int, length: Int) {
    self.depth = depth
    self.height = height
    self.width = width
    self.length = length
  }
}

/// A grid of positions that looks into a source tensor `(batch, depth, height, width, channels)`.
package struct GatherGrid: Sendable {
  package var positions: (depth: Int, height: Int, width: Int)
  package var source: (depth: Int, height: Int, width: Int)
  package var channels: Int
  package var step: (depth: Int, height: Int, width: Int)

  @inlinable
  package init(positions: (Int, Int, Int), source: (Int, Int, Int), channels: Int, step: (Int, Int, Int)) {
    (self.positions.depth, self.positions.height, self.positions.width) = positions
    (self.source.depth, self.source.height, self.source.width) = source
    self.channels = channels
    (self.step.depth, self.step.height, self.step.width) = step
  }
}

/// Where the rows of a matrix go: position p stands for voxel p·step + phase of the target.
package struct ScatterGrid {
  package var positions: (depth: Int, height: Int, width: Int)
  package var target: (depth: Int, height: Int, width: Int)
  package var step: (depth: Int, height: Int, width: Int)
  package var phase: (depth: Int, height: Int, width: Int)
  package var channels: Int
  /// Values from one row of the matrix to the next, and from one voxel of the target to the next.
  package var rowStride: Int
  package var targetStride: Int

  @inlinable
  package init(
    positions: (Int, Int, Int), target: (Int, Int, Int), step: (Int, Int, Int), phase: (Int, Int, Int),
    channels: Int, rowStride: Int, targetStride: Int
  ) {
    (self.positions.depth, self.positions.height, self.positions.width) = positions
    (self.target.depth, self.target.height, self.target.width) = target
    (self.step.depth, self.step.height, self.step.width) = step
    (self.phase.depth, self.phase.height, self.phase.width) = phase
    (self.channels, self.rowStride, self.targetStride) = (channels, rowStride, targetStride)
  }
}

/// A pool without overlap: `window` voxels along each axis become one.
package struct PoolBlock {
  package var input: (depth: Int, height: Int, width: Int)
  package var window: (depth: Int, height: Int, width: Int)
  package var channels: Int

  @inlinable
  package init(input: (Int, Int, Int), window: (Int, Int, Int), channels: Int) {
    (self.input.depth, self.input.height, self.input.width) = input
    (self.window.depth, self.window.height, self.window.width) = window
    self.channels = channels
  }
}

/// The numbers of one Adam step (Kingma & Ba 2015).
package struct AdamTerms {
  package var gradientScale: Float
  package var rate: Float
  package var beta1: Float
  package var beta2: Float
  package var epsilon: Float
  /// Weight decay as an L2 term in the gradient (Adam).
  package var penalty: Float
  /// Weight decay beside the gradient (AdamW, Loshchilov & Hutter 2019).
  package var decay: Float
  /// 1 − β₁ᵗ and 1 − β₂ᵗ.
  package var correction1: Float
  package var correction2: Float

  @inlinable
  package init(
    gradientScale: Float, rate: Float, beta1: Float, beta2: Float, epsilon: Float, penalty: Float,
    decay: Float, correction1: Float, correction2: Float
  ) {
    (self.gradientScale, self.rate, self.beta1, self.beta2) = (gradientScale, rate, beta1, beta2)
    (self.epsilon, self.penalty, self.decay) = (epsilon, penalty, decay)
    (self.correction1, self.correction2) = (correction1, correction2)
  }
}

/// The numbers of one step of SGD with momentum as PyTorch defines it, Nesterov, L2 weight decay in the gradient.
package struct MomentumTerms {
  package var gradientScale: Float
  package var rate: Float
  package var momentum: Float
  package var decay: Float

  @inlinable
  package init(gradientScale: Float, rate: Float, momentum: Float, decay: Float) {
    (self.gradientScale, self.rate, self.momentum, self.decay) = (gradientScale, rate, momentum, decay)
  }
}
