import Foundations
import Harmonization
import Imaging
import Metrics
import Tensor

/// Everything that fixes a training, resolved: what `config.yaml` and a model file hold.
///
/// A plan on disk may leave out what follows from the data (`PlanFile`); here nothing is left out.
package struct TrainingPlan: Sendable, Equatable, Codable {
  /// 2 has `targets` and what training by nnU-Net's recipe needs; plans of 1 are read.
  package static let schemaVersion = 2

  /// A label value of the label maps; the network's class is its place in the list, background first.
  package struct Label: Sendable, Equatable, Codable {
    package var value: UInt16
    package var name: String

    package init(value: UInt16, name: String) {
      self.value = value
      self.name = name
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
  package var targets: Targets
  /// Target spacing in mm along x, y, z; nil keeps each scan's grid (PNG).
  package var spacing: [Double]?
  package var harmonisation: HarmonizationSettings
  /// Voxels along x, y, z; z is 1 in 2D.
  package var patch: [Int]
  package var batch: Int
  package var network: Network
  package var loss: Loss
  package var optimizer: OptimizerSettings
  /// The share of patches that are centred on a labelled voxel, of a class (or region) drawn first (nnU-Net: 0.33).
  ///
  /// Drawn for each patch (nnU-Net's `probabilistic_oversampling`); its default takes the last third of each batch, rounded:
  /// one of two.
  package var foregroundOversampling: Double
  /// Axes that patches are mirrored along at random, of `x`, `y`, `z`.
  package var mirror: [String]
  package var augmentation: AugmentationChoice
  package var rounds: Int
  package var localSteps: Int
  /// nil: all rounds are run.
  package var earlyStopping: EarlyStopping?
  /// Steps within a round after which a site writes a checkpoint.
  package var checkpointSteps = TrainingPlan.defaultCheckpointSteps
  package var split: Split
  package var inference = InferenceSettings()

  enum CodingKeys: String, CodingKey, CaseIterable {
    case schemaVersion = "schema_version"
    case name, dimensions, contrasts, labels, regions, targets, spacing, harmonisation, patch, batch, network,
      loss, optimizer
    case foregroundOversampling = "foreground_oversampling"
    case mirror, augmentation, rounds
    case localSteps = "local_steps"
    case earlyStopping = "early_stopping"
    case checkpointSteps = "checkpoint_steps"
    case split, inference
  }

  /// The patch as the network sees it: depth, height, width.
  package var patchAxes: Axes { Axes(patch[2], patch[1], patch[0]) }

  package var labelValues: [UInt16] { labels.map(\.value) }
}
