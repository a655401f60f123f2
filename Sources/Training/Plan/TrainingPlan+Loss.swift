import NeuralNetwork

extension TrainingPlan {
  /// How much a voxel of each output counts in the cross-entropy; see `LossSettings.weights`.
  package enum ClassWeights: Sendable, Equatable {
    /// All alike.
    case none
    /// From the label volumes of a site's training cases, see `ClassBalance`; they stay at the site.
    case balanced
    /// One for each label, or each region where `targets` is `regions`.
    case list([Double])
  }

  /// What training minimises: soft Dice + cross-entropy, 1 : 1.
  package struct Loss: Sendable, Equatable {
    /// Dice of the whole batch as if it were one scan, else of each sample (nnU-Net's `batch_dice`).
    package var batchDice: Bool
    package var classWeights: ClassWeights

    package init(batchDice: Bool = true, classWeights: ClassWeights = .none) {
      (self.batchDice, self.classWeights) = (batchDice, classWeights)
    }
  }

  /// The classes of each region: places in `labels`.
  package var regionClasses: [[Int]] {
    regions.map { region in labels.indices.filter { region.labels.contains(labels[$0].value) } }
  }

  /// The loss for training on these cases.
  package func lossSettings(for cases: [TrainingCase]) -> LossSettings {
    let targets: LossTargets =
      switch targets {
      case .labels: .labels(labels.count)
      case .regions: .regions(RegionMembership(classes: labels.count, regions: regionClasses))
      }
    let weights: [Float]? =
      switch loss.classWeights {
      case .none: nil
      case .list(let values): values.map { Float($0) }
      case .balanced: ClassBalance(cases, classes: labels.count).weights(for: self)
      }
    return LossSettings(targets, batchDice: loss.batchDice, weights: weights)
  }

  func validateLoss(
    _ check: (_ holds: Bool, _ field: String, _ found: String, _ expected: String) throws -> Void
  ) throws {
    guard case .list(let weights) = loss.classWeights else { return }
    let names = targets == .labels ? labels.map(\.name) : regions.map(\.name)
    try check(
      weights.count == outputCount, "loss, class_weights", "\(weights.count) numbers",
      "none, balanced, or a number for each of \(names.joined(separator: ", "))")
    try check(
      weights.allSatisfy { $0 >= 1e-6 && $0 <= 1e6 }, "loss, class_weights", "\(weights)",
      "numbers from 1e-6 to 1e6")
  }
}

extension TrainingPlan.ClassWeights: Codable {
  package init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    switch try? value.decode(String.self) {
    case "none": self = .none
    case "balanced": self = .balanced
    case let word?:
      throw DecodingError.dataCorruptedError(
        in: value, debugDescription: "found \(word), expected none, balanced or a list of numbers")
    case nil: self = .list(try value.decode([Double].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .none: try value.encode("none")
    case .balanced: try value.encode("balanced")
    case .list(let weights): try value.encode(weights)
    }
  }
}

extension TrainingPlan.Loss: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case batchDice = "batch_dice"
    case classWeights = "class_weights"
  }

  /// What is left out takes its default.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      batchDice: try fields.decodeIfPresent(Bool.self, forKey: .batchDice) ?? true,
      classWeights: try fields.decodeIfPresent(TrainingPlan.ClassWeights.self, forKey: .classWeights) ?? .none
    )
  }
}
