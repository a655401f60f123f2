import Tensor

/// What a network is compiled with beside its shape.
package struct NetworkOptions: Sendable, Equatable {
  /// Bytes that a network in training may take, its weights, their gradients and the optimiser's state among
  /// them: layers are computed again instead of kept until it does. Nil: nothing is computed twice.
  package var memoryCeiling: Int?
  /// Whose state counts as the network's memory.
  package var optimizer: OptimizerKind?
  /// Stages whose last feature is kept for the caller with its gradient, such as `encoder.3` or `decoder.0`.
  package var taps: [String]
  /// Whether an average of the weights is kept beside them.
  package var keepsAverage: Bool

  package init(
    memoryCeiling: Int? = nil, optimizer: OptimizerKind? = nil, taps: [String] = [],
    keepsAverage: Bool = false
  ) {
    self.memoryCeiling = memoryCeiling
    self.optimizer = optimizer
    self.taps = taps
    self.keepsAverage = keepsAverage
  }
}

/// Bytes of a compiled network.
package struct NetworkMemory: Sendable, Equatable {
  /// Activations, gradients of activations, normalisation terms.
  package let arena: Int
  /// Scratch of all workers.
  package let workspace: Int
  /// Weights; in training also their gradients, the optimiser's state and the weights' average.
  package let parameters: Int

  package var total: Int { arena + workspace + parameters }
}

/// A network that needs more memory than it may have, and what would fit.
package struct MemoryShortage: Sendable, Equatable {
  package enum Limit: Sendable, Equatable {
    /// What the user set.
    case ceiling
    /// What the machine has left.
    case machine
  }

  package let limit: Limit
  /// Bytes: what the network needs (below a ceiling: with all recomputed that helps), and what it may have.
  package let needed: Int
  package let allowed: Int
  package let isTraining: Bool
  package let batch: Int
  /// Depth, height, width.
  package let patch: Axes
  /// The largest patch of about these proportions that fits with this batch; nil where none does.
  package let fittingPatch: Axes?
  /// The largest batch of this patch that fits; nil where none does.
  package let fittingBatch: Int?
  /// A ceiling below which the network would fit into the machine by recomputation.
  package let fittingCeiling: Int?
}
