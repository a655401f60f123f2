/// What is known of a site's update beside its numbers.
package struct UpdateFacts: Sendable, Equatable {
  package let site: String
  /// Training cases.
  package var cases: Int
  /// Voxels of the training cases, as they are trained on; 0: not told.
  package var voxels: Int
  package var steps: Int
  /// Mean loss over the round's steps.
  package var meanLoss: Double
  /// The loss before training, 0 or more; there if the strategy asks for it.
  package var startLoss: Double?
  /// By what FedNova divides the update; there if the strategy asks for it.
  package var normaliser: Double?
  /// Euclidean norm of the update.
  package var norm: Double

  package init(
    site: String, cases: Int, voxels: Int = 0, steps: Int, meanLoss: Double, startLoss: Double? = nil,
    normaliser: Double? = nil, norm: Double = 0
  ) {
    self.site = site
    self.cases = cases
    self.voxels = voxels
    self.steps = steps
    self.meanLoss = meanLoss
    self.startLoss = startLoss
    self.normaliser = normaliser
    self.norm = norm
  }
}

/// What a site's update weighs where a strategy leaves that open.
package enum Weighting: String, Sendable, Codable, CaseIterable {
  /// As many as its training cases (McMahan et al., arXiv 1602.05629).
  case cases
  /// As many as the voxels of its training cases.
  case voxels
  /// All the same.
  case equal
  /// 1 over its mean training loss; 1 is added to a loss, since cross-entropy minus Dice is -1 at its best.
  case inverseLoss = "inverse-loss"

  package func weight(of update: UpdateFacts) -> Double {
    switch self {
    case .cases: Double(update.cases)
    case .voxels: Double(max(1, update.voxels))
    case .equal: 1
    // No site counts more than a thousand times what one does whose loss is 0.
    case .inverseLoss: 1 / max(1e-3, 1 + update.meanLoss)
    }
  }
}
