/// What a network's output channels stand for, and so how they are compared with the reference.
package enum LossTargets: Sendable, Equatable {
  /// One of that many classes for each voxel, the first of them background: softmax, cross-entropy, and Dice of the others.
  case labels(Int)
  /// Yes or no for each region: sigmoids, binary cross-entropy, and Dice of every region.
  case regions(RegionMembership)

  /// Output channels.
  package var outputs: Int {
    switch self {
    case .labels(let classes): classes
    case .regions(let membership): membership.regions
    }
  }
}

/// Which regions a voxel of each class belongs to; a class may lie in several or in none.
package struct RegionMembership: Sendable, Equatable {
  package let classes: Int
  package let regions: Int
  /// `(class, region)`, 1 where the class is of the region, else 0.
  let values: [Float]

  /// `regions` holds the classes of each region.
  package init(classes: Int, regions: [[Int]]) {
    self.classes = classes
    self.regions = regions.count
    values = (0..<classes).flatMap { item in regions.map { $0.contains(item) ? 1 : 0 } }
  }
}

/// How a batch's loss is computed.
package struct LossSettings: Sendable, Equatable {
  package var targets: LossTargets
  /// Dice of the whole batch as if it were one scan; else the mean of the samples' (nnU-Net's `batch_dice`).
  package var batchDice: Bool
  /// A weight for each output in the cross-entropy, all above 0; nil: 1 each.
  ///
  /// Labels: of voxels of that class, Σ w·l / Σ w (the weighted mean of PyTorch's `cross_entropy`). Regions: of voxels
  /// inside the region (`pos_weight` of PyTorch's `binary_cross_entropy_with_logits`).
  package var weights: [Float]?

  package init(_ targets: LossTargets, batchDice: Bool = true, weights: [Float]? = nil) {
    precondition(weights?.count ?? targets.outputs == targets.outputs, "a weight for each output")
    (self.targets, self.batchDice, self.weights) = (targets, batchDice, weights)
  }
}
