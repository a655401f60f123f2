import Foundations

/// Plans a network for typical scans within a budget, as nnU-Net does (Isensee et al. 2021; nnunetv2 2.8): start from a
/// large patch with the scans' proportions, halve what can be halved, and cut the patch where it is longest beside the
/// scan until the budget allows it.
package struct NetworkPlanner: Sendable {
  private let rules: PlanningRules
  private let budget: any PlanningBudget

  /// `baseFeatures` are the finest stage's feature maps.
  package init(
    dimensions: Int, encoder: PlannedNetwork.Encoder, baseFeatures: Int = 32, budget: any PlanningBudget
  ) {
    precondition(dimensions == 2 || dimensions == 3, "a network has 2 or 3 dimensions")
    rules = PlanningRules(dimensions: dimensions, encoder: encoder, baseFeatures: baseFeatures)
    self.budget = budget
  }

  /// The network for scans of a size (voxels along x, y, z at the target spacing, mm), of which there are `cases`.
  ///
  /// In 2D slices across z. Throws `PlanningError.budget` where none fits, `.tooSmall` where scans are too small for any,
  /// and what the budget throws.
  package func network(
    spacing: SIMD3<Double>, medianSize: SIMD3<Double>, cases: Int
  ) throws -> PlannedNetwork {
    let axes = axisOrder(spacing)
    let (spacings, sizes) = (axes.map { spacing[$0] }, axes.map { medianSize[$0] })
    var topology = PoolingTopology(spacing: spacings, size: start(spacings, sizes))
    guard topology.strides.count >= 2 else {
      throw PlanningError.tooSmall(size: medianSize, dimensions: rules.dimensions)
    }
    var smallest = network(topology, axes: axes)
    while try !fits(smallest) {
      topology = reduced(topology, spacings, sizes)
      guard topology.strides.count >= 2, topology.patch.allSatisfy({ $0 >= 2 }) else {
        throw try shortage(smallest)
      }
      smallest = network(topology, axes: axes)
    }
    let voxels = medianSize.x * medianSize.y * medianSize.z * Double(cases)
    let share = voxels * PlanningRules.largestShare / Double(smallest.patchVoxels)
    let limit = max(
      PlanningRules.leastBatch, min(PlanningRules.largestBatch, Int(share.rounded(.toNearestOrEven))))
    smallest.batch = max(PlanningRules.leastBatch, try budget.largestBatch(smallest, limit: limit))
    return smallest
  }

  /// The axes in nnU-Net's order: z, y, x with the coarsest first (the first of equals); in 2D y, x.
  private func axisOrder(_ spacing: SIMD3<Double>) -> [Int] {
    if rules.dimensions == 2 { return [1, 0] }
    let coarsest = [2, 1, 0].first { spacing[$0] == spacing.max() } ?? 2
    return [coarsest] + [2, 1, 0].filter { $0 != coarsest }
  }

  private func start(_ spacings: [Double], _ sizes: [Double]) -> [Double] {
    let densities = spacings.map { 1 / $0 }
    let scale = PortableMath.pow(rules.startVolume / densities.reduce(1, *), 1 / Double(spacings.count))
    return zip(densities, sizes).map { min(($0 * scale).rounded(.toNearestOrEven), $1) }
  }

  /// The next smaller patch: shorter along the axis on which it is longest beside the scan, by what the smaller one must
  /// be a multiple of.
  private func reduced(_ topology: PoolingTopology, _ spacings: [Double], _ sizes: [Double])
    -> PoolingTopology
  {
    let ratios = zip(topology.patch, sizes).map { Double($0) / $1 }
    let axis = ratios.indices.last { ratios[$0] == ratios.max() } ?? 0
    var size = topology.patch.map(Double.init)
    size[axis] -= Double(topology.divisors[axis])
    let step = PoolingTopology(spacing: spacings, size: size).divisors[axis]
    size[axis] = Double(topology.patch[axis] - step)
    return PoolingTopology(spacing: spacings, size: size)
  }

  private func fits(_ network: PlannedNetwork) throws -> Bool {
    guard network.stages <= PlanningRules.largestStageCount else { return false }
    return try budget.allows(network)
  }

  private func network(_ topology: PoolingTopology, axes: [Int]) -> PlannedNetwork {
    let stages = topology.strides.count
    func along(_ values: [Int]) -> SIMD3<Int> {
      var result = SIMD3<Int>.one
      for (index, axis) in axes.enumerated() { result[axis] = values[index] }
      return result
    }
    return PlannedNetwork(
      dimensions: rules.dimensions, encoder: rules.encoder, patch: along(topology.patch),
      batch: PlanningRules.leastBatch, widths: rules.widths(stages: stages),
      strides: topology.strides.map(along), kernels: topology.kernels.map(along),
      blocks: rules.blocks(stages: stages), decoderConvolutions: rules.decoderConvolutions)
  }

  private func shortage(_ network: PlannedNetwork) throws -> PlanningError {
    let (needed, allowed) = try budget.shortage(network)
    return .budget(needed: needed, allowed: allowed, patch: network.patch)
  }
}
