import Tensor

extension UNetArchitecture {
  /// Voxels along an axis that a patch may have.
  static let largestExtent = 4096

  /// Numbers that a tensor may hold. All sizes that a network is compiled with, Winograd's transforms and
  /// bytes among them, are at most 2^14 times as many: none of their products overflows.
  static let largestTensor = 1 << 48

  /// Throws `NetworkError` where the fields make no network, or none for this batch of patches (depth, height, width).
  package func validate(batch: Int = 1, patch: Axes) throws {
    guard dimensions == 2 || dimensions == 3 else { throw NetworkError.dimensions(found: dimensions) }
    try check("contrasts", inputChannels, in: 1...64)
    try check("classes", classes, in: 1...64)
    try check("network.widths (stages)", widths.count, in: 2...8)
    try check("network.convolutions_per_stage", convolutionsPerStage, in: 1...4)
    for width in widths { try check("network.widths", width, in: 1...2048) }
    try validateStages()
    try validate(patch)
    try validateSize(batch: batch, patch: patch)
  }

  private func validateStages() throws {
    if let strides {
      try validate(
        strides, field: "network.strides", expected: "1 or 2 along each axis, into the first stage 1"
      ) { extent, stage in extent == 1 || (extent == 2 && stage > 0) }
    }
    if let kernels {
      try validate(kernels, field: "network.kernels", expected: "1, 3, 5 or 7 along each axis") { extent, _ in
        [1, 3, 5, 7].contains(extent)
      }
    }
    if case .residual(let blocks) = encoder {
      try checkCount("network.blocks_per_stage", blocks.count)
      for count in blocks { try check("network.blocks_per_stage", count, in: 1...8) }
    }
  }

  /// One entry for each stage; 1 along the depth of a 2D network.
  private func validate(
    _ stages: [Axes], field: String, expected: String, allows: (_ extent: Int, _ stage: Int) -> Bool
  ) throws {
    try checkCount(field, stages.count)
    for (stage, axes) in stages.enumerated() {
      let extents = [axes.depth, axes.height, axes.width]
      guard extents.allSatisfy({ allows($0, stage) }), dimensions == 3 || axes.depth == 1 else {
        throw NetworkError.stageAxes(
          field: field, stage: stage, found: axes,
          expected: dimensions == 2 ? expected + ", along z 1 in 2D" : expected)
      }
    }
  }

  private func validate(_ patch: Axes) throws {
    let total = totalStride
    let axes: [(String, Int, Int)] = [
      ("depth", patch.depth, total.depth), ("height", patch.height, total.height),
      ("width", patch.width, total.width),
    ]
    for (name, extent, multiple) in axes {
      if name == "depth" && dimensions == 2 {
        guard extent == 1 else { throw NetworkError.planarPatch(depth: extent) }
        continue
      }
      guard extent >= 2 * multiple, extent <= Self.largestExtent, extent % multiple == 0 else {
        throw NetworkError.patch(axis: name, extent: extent, stages: widths.count, multiple: multiple)
      }
    }
  }

  /// A feature map of each stage, joined with its skip connection, is the largest tensor there.
  private func validateSize(batch: Int, patch: Axes) throws {
    guard batch > 0 else { throw NetworkError.batch(found: batch) }
    for (stage, width) in widths.enumerated() {
      let grid = patch.divided(by: step(of: stage))
      let channels = max(2 * width, stage == 0 ? max(inputChannels, classes) : 0)
      let (count, overflows) = batch.multipliedReportingOverflow(by: grid.product * channels)
      guard !overflows, count <= Self.largestTensor else {
        throw NetworkError.tooLarge(batch: batch, patch: patch, stage: stage, channels: channels)
      }
    }
  }

  private func check(_ field: String, _ found: Int, in range: ClosedRange<Int>) throws {
    guard range.contains(found) else {
      throw NetworkError.outOfRange(
        field: field, found: found, lower: range.lowerBound, upper: range.upperBound)
    }
  }

  private func checkCount(_ field: String, _ found: Int) throws {
    guard found == widths.count else {
      throw NetworkError.stageCount(field: field, found: found, expected: widths.count)
    }
  }
}
