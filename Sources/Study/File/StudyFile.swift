import Coordinator
import Harmonization
import Metrics
import Training

/// `study.yaml`: what a study is, agreed between its sites before anything is trained.
///
/// What it leaves out is filled in when it is read, so that two files that mean the same are equal.
package struct StudyFile: Sendable, Equatable, Codable {
  package static let schemaVersion = 1

  package var schemaVersion = Self.schemaVersion
  package var name: String
  /// What the study is to answer, in a sentence.
  package var question: String?
  package var cohort: CohortDefinition
  /// What the values of label maps mean, background first.
  package var labels: [TrainingPlan.Label]
  /// Named unions of labels, which scores are told for.
  package var regions: [Region]
  package var features: Features
  package var training: Training
  package var split: TrainingPlan.Split
  package var evaluation: Evaluation

  enum CodingKeys: String, CodingKey, CaseIterable {
    case schemaVersion = "schema_version"
    case name, question, cohort, labels, regions, features, training, split, evaluation
  }

  /// What a site's table of cases holds, and which cases are in the study.
  package struct CohortDefinition: Sendable, Equatable, Codable {
    package var columns: [Column]
    package var rules: [Rule]

    enum CodingKeys: String, CodingKey, CaseIterable { case columns, rules }
  }

  /// A column of `participants.tsv`.
  package struct Column: Sendable, Equatable, Codable {
    package var name: String
    /// Compared with `Units` in a site's `participants.json`, where there is one.
    package var units: String?
    package var least: Double?
    package var most: Double?
    /// The values that there may be; nil: any.
    package var levels: [String]?

    enum CodingKeys: String, CodingKey, CaseIterable { case name, units, least, most, levels }
  }

  /// A condition that each case has to meet.
  package struct Rule: Sendable, Equatable, Codable {
    package var name: String
    /// In SQL's language, as `CohortParser` reads it.
    package var condition: String

    enum CodingKeys: String, CodingKey, CaseIterable {
      case name
      case condition = "where"
    }
  }

  /// What goes into the network.
  package struct Features: Sendable, Equatable, Codable {
    /// In the network's order.
    package var contrasts: [String]
    /// The smallest and the largest edge of a voxel in mm; nil for pictures without voxel sizes.
    package var voxelEdges: [Double]?
    /// Voxel sizes in mm along x, y, z that scans are resampled to; nil: for pictures.
    package var spacing: [Double]?
    package var harmonisation: HarmonizationChoice

    enum CodingKeys: String, CodingKey, CaseIterable {
      case contrasts
      case voxelEdges = "voxel_mm"
      case spacing, harmonisation
    }
  }

  /// How the model is made.
  package struct Training: Sendable, Equatable, Codable {
    /// A built-in plan's name, or a file, relative to this one.
    package var plan: String
    package var strategy: String
    package var weights: Weighting
    package var participation: String
    package var codecDown: String
    package var codecUp: String
    package var rounds: Int
    /// One of the two is there.
    package var localSteps: Int?
    package var localEpochs: Int?
    package var modelChoice: ModelChoice
    package var seeds: [UInt64]

    enum CodingKeys: String, CodingKey, CaseIterable {
      case plan, strategy, weights, participation
      case codecDown = "codec_down"
      case codecUp = "codec_up"
      case rounds
      case localSteps = "local_steps"
      case localEpochs = "local_epochs"
      case modelChoice = "model_choice"
      case seeds
    }
  }

  /// How test cases are scored.
  package struct Evaluation: Sendable, Equatable, Codable {
    package var convention: String
    /// In mm; nil: the convention's.
    package var surfaceTolerance: Double?
    package var lesionRules: TumourType?

    enum CodingKeys: String, CodingKey, CaseIterable {
      case convention
      case surfaceTolerance = "surface_tolerance"
      case lesionRules = "lesion_rules"
    }
  }
}

extension StudyFile {
  /// The rules, parsed. They were when the file was read.
  package var rules: [CohortRule] {
    cohort.rules.map { rule in
      guard let parsed = try? CohortRule(name: rule.name, condition: rule.condition) else {
        preconditionFailure("a rule that was read is a condition")
      }
      return parsed
    }
  }

  package var metrics: MetricSettings {
    MetricSettings(
      MetricConvention.named(evaluation.convention) ?? .brats2023,
      surfaceTolerance: evaluation.surfaceTolerance, lesions: evaluation.lesionRules)
  }
}
