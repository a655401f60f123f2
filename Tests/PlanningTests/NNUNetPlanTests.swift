import Fingerprint
import Planning
import Testing
import Training

/// Plans of fingerprints of many kinds beside those of nnU-Net's own planners, within its own budgets.
@Suite struct NNUNetPlanTests {
  /// Axes x, y, z (0, 1, 2) in nnU-Net's order of a plan.
  private func axes(_ plan: PlannerGolden.Plan, _ dimensions: Int) -> [Int] {
    let all = plan.transpose.map { 2 - $0 }
    return dimensions == 2 ? Array(all.dropFirst()) : all
  }

  private func network(
    _ dataset: PlannerGolden.Dataset, _ plan: PlannerGolden.Plan, dimensions: Int
  ) throws -> (spacing: SIMD3<Double>, size: SIMD3<Double>, network: PlannedNetwork) {
    let statistics = dataset.statistics(of: dataset.grids)
    let spacing = try #require(statistics.targetSpacing)
    let size = try #require(dataset.medianSize(at: spacing))
    let encoder = try #require(PlannedNetwork.Encoder(rawValue: plan.encoder))
    let network = try NetworkPlanner(
      dimensions: dimensions, encoder: encoder,
      budget: NNUNetBudget(gigabytes: plan.budget, labels: dataset.labels)
    ).network(spacing: spacing, medianSize: size, cases: statistics.cases)
    return (spacing, size, network)
  }

  @Test(arguments: PlannerGolden.names, [2, 3])
  func planEqualsNNUNets(name: String, dimensions: Int) throws {
    let dataset = try #require(PlannerGolden.all[name])
    for plan in dataset.plans {
      guard let theirs = plan.configuration(dimensions) else { continue }
      // nnU-Net's slices lie across the coarsest axis, ours across z: see `slicesLieAcrossZ`.
      if dimensions == 2 && plan.transpose[0] != 0 { continue }
      let (spacing, size, ours) = try network(dataset, plan, dimensions: dimensions)
      let order = axes(plan, dimensions)
      func along(_ axes: SIMD3<Int>) -> [Int] { order.map { axes[$0] } }
      let about = "\(name), \(plan.encoder), \(plan.budget) GB"
      for (axis, value) in zip(order, theirs.spacing) {
        #expect(abs(spacing[axis] - value) < 1e-9, "\(about)")
      }
      #expect(order.map { size[$0] } == theirs.medianSize, "\(about)")
      #expect(along(ours.patch) == theirs.patch, "\(about)")
      #expect(ours.widths == theirs.widths, "\(about)")
      #expect(ours.strides.map(along) == theirs.strides, "\(about)")
      #expect(ours.kernels.map(along) == theirs.kernels, "\(about)")
      #expect(ours.blocks == theirs.blocks, "\(about)")
      #expect(theirs.decoderConvolutions.allSatisfy { $0 == ours.decoderConvolutions }, "\(about)")
      #expect(ours.featureMapValues(labels: dataset.labels) == theirs.estimate, "\(about)")
      // A plan of segfed has at most 256 in a batch.
      #expect(ours.batch == min(256, theirs.batch), "\(about)")
      if dimensions == 2 {
        #expect(
          ours.patch.z == 1 && ours.strides.allSatisfy { $0.z == 1 } && ours.kernels.allSatisfy { $0.z == 1 })
      }
    }
  }

  /// Where nnU-Net would plan a low resolution and a cascade, a user is told that there is none.
  @Test(arguments: PlannerGolden.names)
  func cascadesAreKnown(name: String) throws {
    let dataset = try #require(PlannerGolden.all[name])
    for plan in dataset.plans where plan.volume != nil {
      let (_, size, network) = try network(dataset, plan, dimensions: 3)
      #expect(
        PlanDraft.isCascadeCase(network, medianSize: size) == plan.hasLowResolution,
        "\(name), \(plan.encoder), \(plan.budget) GB")
    }
  }

  /// Sagittal scans: nnU-Net's 2D patch lies across their coarse axis, x; ours across z, as all of segfed's slices.
  @Test func slicesLieAcrossZ() throws {
    let dataset = try #require(PlannerGolden.all["sagittal"])
    let plan = try #require(dataset.plans.first { $0.encoder == "plain" && $0.budget == 8 })
    #expect(plan.transpose == [2, 0, 1] && plan.planar.patch == [256, 256])
    let (_, size, network) = try network(dataset, plan, dimensions: 2)
    #expect(size == SIMD3(30, 256, 256))
    #expect(network.patch == SIMD3(32, 256, 1))
    // y is halved until it is as coarse as x, which nnU-Net does not see.
    #expect(network.strides[1] == SIMD3(1, 2, 1) && network.strides[3] == SIMD3(2, 2, 1))
  }

  /// The plans nnunet2d, nnunet3d and nnunet3d-resenc are nnU-Net's for BraTS within its 8 GB.
  @Test(arguments: [
    ("nnunet2d", 2, "plain"), ("nnunet3d", 3, "plain"), ("nnunet3d-resenc", 3, "residual"),
  ])
  func builtInPlansAreNNUNets(name: String, dimensions: Int, encoder: String) throws {
    let file = try #require(BuiltInPlans.named(name))
    let brats = try #require(PlannerGolden.all["brats"])
    let plan = try #require(brats.plans.first { $0.encoder == encoder && $0.budget == 8 })
    let (_, _, network) = try network(brats, plan, dimensions: dimensions)
    let own = file.network.resolved(dimensions: file.dimensions)
    #expect(file.dimensions == dimensions && own.encoder == network.encoder)
    #expect(file.patch == [network.patch.x, network.patch.y, network.patch.z] && file.batch == network.batch)
    #expect(own.widths == network.widths && own.convolutionsPerStage == network.decoderConvolutions)
    #expect(own.strides == network.strides && own.kernels == network.kernels && own.deepSupervision)
    #expect(own.blocksPerStage == (encoder == "plain" ? [] : network.blocks))
    #expect(
      file.optimizer.name == .sgd && file.optimizer.learningRate == 0.01 && file.augmentation == .nnunet)
    #expect(file.rounds == PlanDraft.mostRounds && file.localSteps == PlanDraft.localSteps)
  }
}
