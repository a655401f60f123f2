import Foundations
import Harmonization
import Imaging
import Metrics
import NeuralNetwork
import Tensor

/// Everything that fixes a training, resolved: what `config.yaml` and a model file hold.
///
/// A plan on disk may leave out what follows from the data (`PlanFile`); here nothing is left out.
package struct TrainingPlan: Sendable, Equatable, Codable {
  package static let schemaVersion = 1

  /// A label value of the label maps; the network's class is its place in the list, background first.
  package struct Label: Sendable, Equatable, Codable {
    package var value: UInt16
    package var name: String

    package init(value: UInt16, name: String) {
      self.value = value
      self.name = name
    }
  }

  package struct Network: Sendable, Equatable, Codable {
    /// Feature maps per stage, from the finest.
    package var widths: [Int]
    package var convolutionsPerStage: Int

    enum CodingKeys: String, CodingKey {
      case widths
      case convolutionsPerStage = "convolutions_per_stage"
    }
  }

  package enum OptimizerName: String, Sendable, Codable, CaseIterable { case adam, sgd }

  package struct OptimizerSettings: Sendable, Equatable, Codable {
    package var name: OptimizerName
    /// The first step's; it falls by (1 − step / all steps of the site)^0.9.
    package var learningRate: Double
    package var weightDecay: Double
    /// Nesterov momentum of `sgd`; `adam` does not use it.
    package var momentum: Double

    enum CodingKeys: String, CodingKey {
      case name
      case learningRate = "learning_rate"
      case weightDecay = "weight_decay"
      case momentum
    }
  }

  /// Shares of each site's cases that are kept from training.
  package struct Split: Sendable, Equatable, Codable {
    package var validation: Double
    package var test: Double
  }

  package var schemaVersion: Int
  package var name: String
  /// 2 or 3.
  package var dimensions: Int
  package var contrasts: [String]
  package var labels: [Label]
  package var regions: [Region]
  /// Target spacing in mm along x, y, z; nil keeps each scan's grid (PNG).
  package var spacing: [Double]?
  package var harmonisation: HarmonizationSettings
  /// Voxels along x, y, z; z is 1 in 2D.
  package var patch: [Int]
  package var batch: Int
  package var network: Network
  package var optimizer: OptimizerSettings
  /// The share of patches that are centred on a labelled voxel (nnU-Net: 0.33).
  package var foregroundOversampling: Double
  /// Axes that patches are mirrored along at random, of `x`, `y`, `z`.
  package var mirror: [String]
  package var augmentation: AugmentationName
  package var rounds: Int
  package var localSteps: Int
  package var split: Split

  enum CodingKeys: String, CodingKey, CaseIterable {
    case schemaVersion = "schema_version"
    case name, dimensions, contrasts, labels, regions, spacing, harmonisation, patch, batch, network,
      optimizer
    case foregroundOversampling = "foreground_oversampling"
    case mirror, augmentation, rounds
    case localSteps = "local_steps"
    case split
  }

  /// The network that the plan asks for.
  package var architecture: UNetArchitecture {
    UNetArchitecture(
      dimensions: dimensions, inputChannels: contrasts.count, classes: labels.count,
      widths: network.widths, convolutionsPerStage: network.convolutionsPerStage)
  }

  /// What tells two networks apart, for messages.
  package var networkSummary: String {
    "a \(dimensions)D network for \(contrasts.count) contrasts and \(labels.count) classes with widths "
      + "\(network.widths.map(String.init).joined(separator: ", ")) and \(network.convolutionsPerStage) "
      + "convolutions per stage"
  }

  /// The patch as the network sees it: depth, height, width.
  package var patchAxes: Axes { Axes(patch[2], patch[1], patch[0]) }

  package var labelValues: [UInt16] { labels.map(\.value) }

  /// The optimiser's rule with its constants.
  package var optimizerKind: OptimizerKind {
    switch optimizer.name {
    case .adam: .adam(weightDecay: Float(optimizer.weightDecay))
    case .sgd: .sgd(momentum: Float(optimizer.momentum), weightDecay: Float(optimizer.weightDecay))
    }
  }
}
