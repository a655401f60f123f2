import Foundations

/// Data or budgets for which there is no plan.
package enum PlanningError: DescribedError {
  /// Not even the smallest network fits. `needed` is what that one takes.
  case budget(needed: String, allowed: String, patch: SIMD3<Int>)
  /// Scans with fewer voxels along their axes than two stages need.
  case tooSmall(size: SIMD3<Double>, dimensions: Int)
  /// Single slices, and a plan for volumes.
  case planar
  /// No labelled voxel in any case.
  case noForeground(cases: Int)

  package var description: String {
    switch self {
    case .budget(let needed, let allowed, let patch):
      "No network fits into \(allowed): the smallest, with a patch of \(patch.x)×\(patch.y)×\(patch.z) voxels, takes "
        + "\(needed). Allow that much, or ask for fewer feature maps with --base-features."
    case .tooSmall(let size, let dimensions):
      "The typical scan is \(Int(size.x))×\(Int(size.y))×\(Int(size.z)) voxels after cropping, expected at least "
        + "\(2 * PoolingTopology.leastEdge) along two axes for a \(dimensions)D network of two stages. "
        + (dimensions == 3 ? "Try --dimensions 2." : "Check the scans' headers.")
    case .planar:
      "--dimensions 3: found single slices, expected volumes. Leave it out, or give 2."
    case .noForeground(let cases):
      "Found only 0 in the label maps of all \(cases) cases, expected labels above 0. Check the label maps."
    }
  }
}
