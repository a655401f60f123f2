/// How a trained model is applied to a whole scan.
package struct InferenceSettings: Sendable, Equatable, Codable {
  /// The distance of neighbouring windows as a share of the patch, at most (nnU-Net's `tile_step_size`).
  package var step: Double
  /// Whether logits are averaged over all combinations of the plan's mirror axes (nnU-Net's test-time augmentation).
  package var mirror: Bool

  package init(step: Double = 0.5, mirror: Bool = false) {
    self.step = step
    self.mirror = mirror
  }

  package enum CodingKeys: String, CodingKey, CaseIterable { case step, mirror }
}

/// What a person asks for; what is left out is a default's, or a plan's.
package struct InferenceChoice: Sendable, Equatable, Codable {
  package var step: Double?
  package var mirror: Bool?

  package init(step: Double? = nil, mirror: Bool? = nil) {
    self.step = step
    self.mirror = mirror
  }

  /// The settings with what is asked for in place of theirs.
  package func applied(to settings: InferenceSettings) -> InferenceSettings {
    InferenceSettings(step: step ?? settings.step, mirror: mirror ?? settings.mirror)
  }
}

extension TrainingPlan {
  /// Axes of the harmonised grid (0 is x) that predictions are mirrored along, in ascending order.
  package var mirrorAxes: [Int] {
    ["x", "y", "z"].enumerated().filter { mirror.contains($0.element) && patch[$0.offset] > 1 }.map(\.offset)
  }
}
