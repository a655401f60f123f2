/// nnU-Net's constants (nnunetv2 2.8, `ExperimentPlanner` and `ResEncUNetPlanner`).
struct PlanningRules: Sendable, Equatable {
  let dimensions: Int
  let encoder: PlannedNetwork.Encoder
  /// Feature maps of the finest stage; nnU-Net: 32.
  let baseFeatures: Int

  static let leastBatch = 2
  /// Of a data set's voxels in one batch.
  static let largestShare = 0.05
  /// What a plan of segfed may have.
  static let largestBatch = 256
  static let largestStageCount = 8

  var mostFeatures: Int { dimensions == 2 ? 512 : 320 }

  func widths(stages: Int) -> [Int] { (0..<stages).map { min(mostFeatures, baseFeatures << $0) } }

  func blocks(stages: Int) -> [Int] {
    switch encoder {
    case .plain: [Int](repeating: 2, count: stages)
    case .residual:
      Array([1, 3, 4] + [Int](repeating: 6, count: max(0, stages - 3))).prefix(stages).map { $0 }
    }
  }

  var decoderConvolutions: Int { encoder == .plain ? 2 : 1 }

  /// The patch before a budget is asked: of this volume, in the proportions of the field of view that the spacing gives.
  var startVolume: Double { dimensions == 2 ? 2048 * 2048 : 256 * 256 * 256 }
}
