extension TrainingPlan {
  /// When training ends before its last round.
  package struct EarlyStopping: Sendable, Equatable, Codable {
    /// Rounds without a better validation score after which it ends.
    package var patience: Int
  }

  /// Steps of local training between a site's checkpoints, unless the plan says otherwise.
  package static let defaultCheckpointSteps = 250
}
