import Training

/// What the planner decides: grid, patch, batch and network.
package struct PlannedNetwork: Sendable, Equatable {
  package typealias Encoder = TrainingPlan.Network.Encoder

  package let dimensions: Int
  package let encoder: Encoder
  /// Voxels along x, y, z; z is 1 in 2D.
  package let patch: SIMD3<Int>
  package var batch: Int
  /// Feature maps per stage, from the finest.
  package let widths: [Int]
  /// Step into each stage along x, y, z.
  package let strides: [SIMD3<Int>]
  /// Taps of each stage's convolutions along x, y, z.
  package let kernels: [SIMD3<Int>]
  /// The plain encoder's convolutions, or the residual encoder's blocks, in each stage.
  package let blocks: [Int]
  /// In each of the decoder's stages.
  package let decoderConvolutions: Int

  package var stages: Int { widths.count }
  package var patchVoxels: Int { patch.x * patch.y * patch.z }
}

extension PlannedNetwork {
  /// nnU-Net's measure of the memory that a network asks for: values of all convolutions' outputs for one patch
  /// (`compute_conv_feature_map_size` of dynamic-network-architectures 0.4, deep supervision left out as its planner does).
  ///
  /// `labels` count background.
  package func featureMapValues(labels: Int) -> Int {
    var grid = patch
    var channels = widths[0]
    // The residual encoder's stem.
    var values = encoder == .residual ? widths[0] * patchVoxels : 0
    for stage in 0..<stages {
      grid = grid / strides[stage]
      let map = widths[stage] * grid.x * grid.y * grid.z
      switch encoder {
      case .plain: values += blocks[stage] * map
      case .residual:
        values += 2 * blocks[stage] * map
        // The first block's skip connection changes size or channels.
        if channels != widths[stage] || strides[stage] != .one { values += map }
        channels = widths[stage]
      }
      // The decoder comes back to all grids but the coarsest: an upsampling and its convolutions.
      if stage < stages - 1 { values += (decoderConvolutions + 1) * map }
    }
    return values + labels * patchVoxels
  }
}
