/// How often each class occurs in a site's training cases, and weights that make up for it.
package struct ClassBalance: Sendable, Equatable {
  /// Voxels of each class in all cases, as harmonised.
  package let voxels: [Int]

  package init(_ cases: [TrainingCase], classes: Int) {
    var voxels = [Int](repeating: 0, count: classes)
    for item in cases {
      for target in item.targets { voxels[Int(target)] += 1 }
    }
    self.voxels = voxels
  }

  package init(voxels: [Int]) { self.voxels = voxels }

  /// Weights of the plan's outputs in the cross-entropy; 1 where an output has no voxel.
  ///
  /// - Labels: N / (K · Nₖ) with N voxels in all, K classes that occur, Nₖ voxels of the class (scikit-learn's `balanced`).
  /// - Regions: voxels outside / voxels inside (as PyTorch's documentation sets `pos_weight`).
  package func weights(for plan: TrainingPlan) -> [Float] {
    let all = voxels.reduce(0, +)
    switch plan.targets {
    case .labels:
      let present = voxels.count { $0 > 0 }
      return voxels.map { $0 == 0 ? 1 : Float(Double(all) / (Double(present) * Double($0))) }
    case .regions:
      return plan.regionClasses.map { classes in
        let inside = classes.reduce(0) { $0 + voxels[$1] }
        return inside == 0 || inside == all ? 1 : Float(Double(all - inside) / Double(inside))
      }
    }
  }
}
