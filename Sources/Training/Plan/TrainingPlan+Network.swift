import NeuralNetwork
import Tensor

extension TrainingPlan {
  package struct Network: Sendable, Equatable, Codable {
    /// nnU-Net's names for them: PlainConvUNet, ResidualEncoderUNet.
    package enum Encoder: String, Sendable, Codable, CaseIterable { case plain, residual }

    package var encoder: Encoder
    /// Feature maps per stage, from the finest.
    package var widths: [Int]
    /// Step into each stage along x, y, z.
    package var strides: [SIMD3<Int>]
    /// Taps of each stage's convolutions along x, y, z.
    package var kernels: [SIMD3<Int>]
    /// The plain encoder's and the decoder's.
    package var convolutionsPerStage: Int
    /// The residual encoder's; none for the plain one.
    package var blocksPerStage: [Int]
    /// Whether coarser stages of the decoder have outputs and a share of the loss in training.
    package var deepSupervision: Bool

    enum CodingKeys: String, CodingKey, CaseIterable {
      case encoder, widths, strides, kernels
      case convolutionsPerStage = "convolutions_per_stage"
      case blocksPerStage = "blocks_per_stage"
      case deepSupervision = "deep_supervision"
    }
  }

  /// The network that the plan asks for.
  package var architecture: UNetArchitecture {
    UNetArchitecture(
      dimensions: dimensions, inputChannels: contrasts.count, classes: outputCount,
      widths: network.widths, convolutionsPerStage: network.convolutionsPerStage,
      encoder: network.encoder == .plain ? .plain : .residual(blocksPerStage: network.blocksPerStage),
      strides: network.strides.map(Axes.init), kernels: network.kernels.map(Axes.init),
      deepSupervision: network.deepSupervision)
  }

  /// What tells two networks apart, for messages.
  package var networkSummary: String {
    let usual = NetworkChoice(
      encoder: network.encoder, widths: network.widths, convolutionsPerStage: network.convolutionsPerStage
    ).resolved(dimensions: dimensions)
    func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }
    func list(_ stages: [SIMD3<Int>]) -> String {
      stages.map { "[\(list([$0.x, $0.y, $0.z]))]" }.joined(separator: ", ")
    }
    var text =
      "a \(dimensions)D network for \(contrasts.count) contrasts and \(outputCount) outputs with widths "
      + "\(list(network.widths)) and \(network.convolutionsPerStage) convolutions per stage"
    if network.encoder == .residual {
      text += ", a residual encoder of \(list(network.blocksPerStage)) blocks"
    }
    if network.strides != usual.strides { text += ", strides \(list(network.strides))" }
    if network.kernels != usual.kernels { text += ", kernels \(list(network.kernels))" }
    if network.deepSupervision { text += ", deep supervision" }
    return text
  }

  func validateNetwork(
    _ check: (_ holds: Bool, _ field: String, _ found: String, _ expected: String) throws -> Void
  ) throws {
    try check(
      network.encoder == .residual || network.blocksPerStage.isEmpty, "network, blocks_per_stage",
      "\(network.blocksPerStage) beside encoder plain", "encoder: residual, or no blocks_per_stage")
  }
}

extension Axes {
  /// From x, y, z as plans have them.
  fileprivate init(_ xyz: SIMD3<Int>) { self.init(xyz.z, xyz.y, xyz.x) }
}
