import NeuralNetwork

extension TrainingPlan {
  package struct Network: Sendable, Equatable, Codable {
    /// Feature maps per stage, from the finest.
    package var widths: [Int]
    package var convolutionsPerStage: Int

    enum CodingKeys: String, CodingKey {
      case widths
      case convolutionsPerStage = "convolutions_per_stage"
    }
  }

  /// The network that the plan asks for.
  package var architecture: UNetArchitecture {
    UNetArchitecture(
      dimensions: dimensions, inputChannels: contrasts.count, classes: outputCount,
      widths: network.widths, convolutionsPerStage: network.convolutionsPerStage)
  }

  /// What tells two networks apart, for messages.
  package var networkSummary: String {
    "a \(dimensions)D network for \(contrasts.count) contrasts and \(outputCount) outputs with widths "
      + "\(network.widths.map(String.init).joined(separator: ", ")) and \(network.convolutionsPerStage) "
      + "convolutions per stage"
  }
}
