/// How a person asks for a network: strides and kernels that are left out follow from the plan's dimensions.
package struct NetworkChoice: Sendable, Equatable, Codable {
  /// Left out: `plain`.
  package var encoder: TrainingPlan.Network.Encoder?
  /// Feature maps per stage, from the finest.
  package var widths: [Int]
  /// Step into each stage along x, y, z. Left out: 1, then 2 on every axis of the dimensions.
  package var strides: [SIMD3<Int>]?
  /// Taps of each stage's convolutions along x, y, z. Left out: 3 on every axis of the dimensions.
  package var kernels: [SIMD3<Int>]?
  /// The plain encoder's and the decoder's.
  package var convolutionsPerStage: Int
  /// The residual encoder's. Left out: nnU-Net's 1, 3, 4, then 6.
  package var blocksPerStage: [Int]?
  /// Left out: false.
  package var deepSupervision: Bool?

  typealias CodingKeys = TrainingPlan.Network.CodingKeys

  package init(
    encoder: TrainingPlan.Network.Encoder? = nil, widths: [Int], strides: [SIMD3<Int>]? = nil,
    kernels: [SIMD3<Int>]? = nil, convolutionsPerStage: Int, blocksPerStage: [Int]? = nil,
    deepSupervision: Bool? = nil
  ) {
    self.encoder = encoder
    self.widths = widths
    self.strides = strides
    self.kernels = kernels
    self.convolutionsPerStage = convolutionsPerStage
    self.blocksPerStage = blocksPerStage
    self.deepSupervision = deepSupervision
  }

  /// With what was left out filled in.
  package func resolved(dimensions: Int) -> TrainingPlan.Network {
    let stages = widths.count
    let isPlanar = dimensions == 2
    let encoder = encoder ?? .plain
    let usualBlocks = encoder == .plain ? [] : (0..<stages).map { stage in stage < 3 ? [1, 3, 4][stage] : 6 }
    return TrainingPlan.Network(
      encoder: encoder, widths: widths,
      strides: strides
        ?? (0..<stages).map { $0 == 0 ? SIMD3(1, 1, 1) : isPlanar ? SIMD3(2, 2, 1) : SIMD3(2, 2, 2) },
      kernels: kernels ?? Array(repeating: isPlanar ? SIMD3(3, 3, 1) : SIMD3(3, 3, 3), count: stages),
      convolutionsPerStage: convolutionsPerStage, blocksPerStage: blocksPerStage ?? usualBlocks,
      deepSupervision: deepSupervision ?? false)
  }
}
