import Coordinator
import Harmonization
import Metrics
import Training

// Keys that are left out have the meaning that `segfed train` gives to options that are.

extension StudyFile {
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    schemaVersion = try fields.decode(Int.self, forKey: .schemaVersion)
    name = try fields.decode(String.self, forKey: .name)
    question = try fields.decodeIfPresent(String.self, forKey: .question)
    cohort =
      try fields.decodeIfPresent(CohortDefinition.self, forKey: .cohort)
      ?? CohortDefinition(columns: [], rules: [])
    labels = try fields.decode([TrainingPlan.Label].self, forKey: .labels)
    regions = try fields.decode([Region].self, forKey: .regions)
    features = try fields.decode(Features.self, forKey: .features)
    training = try fields.decode(Training.self, forKey: .training)
    split = try fields.decode(TrainingPlan.Split.self, forKey: .split)
    evaluation =
      try fields.decodeIfPresent(Evaluation.self, forKey: .evaluation)
      ?? Evaluation(convention: MetricConvention.brats2023.name)
  }
}

extension StudyFile.CohortDefinition {
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    columns = try fields.decodeIfPresent([StudyFile.Column].self, forKey: .columns) ?? []
    rules = try fields.decodeIfPresent([StudyFile.Rule].self, forKey: .rules) ?? []
  }
}

extension StudyFile.Features {
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    contrasts = try fields.decode([String].self, forKey: .contrasts)
    voxelEdges = try fields.decodeIfPresent([Double].self, forKey: .voxelEdges)
    spacing = try fields.decodeIfPresent([Double].self, forKey: .spacing)
    harmonisation =
      try fields.decodeIfPresent(HarmonizationChoice.self, forKey: .harmonisation) ?? HarmonizationChoice()
  }
}

extension StudyFile.Training {
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    func text(_ key: CodingKeys, _ other: String) throws -> String {
      try fields.decodeIfPresent(String.self, forKey: key) ?? other
    }
    plan = try fields.decode(String.self, forKey: .plan)
    strategy = try text(.strategy, "fedavg")
    weights = try fields.decodeIfPresent(Weighting.self, forKey: .weights) ?? .cases
    participation = try text(.participation, "all")
    codecDown = try text(.codecDown, "fp32")
    codecUp = try text(.codecUp, "fp32")
    rounds = try fields.decode(Int.self, forKey: .rounds)
    localSteps = try fields.decodeIfPresent(Int.self, forKey: .localSteps)
    localEpochs = try fields.decodeIfPresent(Int.self, forKey: .localEpochs)
    modelChoice = try fields.decodeIfPresent(ModelChoice.self, forKey: .modelChoice) ?? .last
    seeds = try fields.decodeIfPresent([UInt64].self, forKey: .seeds) ?? [1]
  }
}

extension StudyFile.Evaluation {
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    convention =
      try fields.decodeIfPresent(String.self, forKey: .convention) ?? MetricConvention.brats2023.name
    surfaceTolerance = try fields.decodeIfPresent(Double.self, forKey: .surfaceTolerance)
    lesionRules = try fields.decodeIfPresent(TumourType.self, forKey: .lesionRules)
  }
}
