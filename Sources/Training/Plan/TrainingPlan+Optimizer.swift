import Foundations
import NeuralNetwork

extension TrainingPlan {
  package enum OptimizerName: String, Sendable, Codable, CaseIterable {
    /// `torch.optim.Adam`: weight decay as an L2 term in the gradient.
    case adam
    /// `torch.optim.AdamW`: weight decay beside the gradient. Schema 1 called this `adam`.
    case adamw
    case sgd
  }

  package struct OptimizerSettings: Sendable, Equatable {
    package var name: OptimizerName
    /// The highest; `schedule` says how it falls over all steps of the site.
    package var learningRate: Double
    package var weightDecay: Double
    /// Nesterov momentum of `sgd`; the others do not use it.
    package var momentum: Double
    package var schedule: LearningRateSchedule.Course
    /// Steps in which the learning rate rises from nearly 0.
    package var warmupSteps: Int
    /// The gradient's Euclidean norm is clipped to this; 0: not at all.
    package var gradientClip: Double
    /// Decay of the exponential moving average of the weights; nil: none is taken.
    ///
    /// A site then sends, and so all evaluate, the average over its steps in the round instead of the last step's weights.
    package var average: Double?

    package init(
      name: OptimizerName, learningRate: Double, weightDecay: Double, momentum: Double = 0.99,
      schedule: LearningRateSchedule.Course = .polynomial, warmupSteps: Int = 0, gradientClip: Double = 12,
      average: Double? = nil
    ) {
      (self.name, self.learningRate, self.weightDecay) = (name, learningRate, weightDecay)
      (self.momentum, self.schedule, self.warmupSteps) = (momentum, schedule, warmupSteps)
      (self.gradientClip, self.average) = (gradientClip, average)
    }

    /// The same as the schema meant it.
    func read(fromSchema schema: Int) -> OptimizerSettings {
      var settings = self
      if schema == 1 && name == .adam { settings.name = .adamw }
      return settings
    }
  }

  /// The optimiser's rule with its constants.
  package var optimizerKind: OptimizerKind {
    let decay = Float(optimizer.weightDecay)
    return switch optimizer.name {
    case .adam: .adam(weightDecay: decay)
    case .adamw: .adamW(weightDecay: decay)
    case .sgd: .sgd(momentum: Float(optimizer.momentum), weightDecay: decay)
    }
  }

  package var learningRateSchedule: LearningRateSchedule {
    LearningRateSchedule(
      optimizer.schedule, base: optimizer.learningRate, warmupSteps: optimizer.warmupSteps)
  }

  func validateOptimizer(
    _ check: (_ holds: Bool, _ field: String, _ found: String, _ expected: String) throws -> Void
  ) throws {
    let rate = optimizer.learningRate
    try check(
      rate.isFinite && rate > 0 && rate <= 10, "optimizer, learning_rate", "\(rate)", "above 0, up to 10")
    let decay = optimizer.weightDecay
    try check((0...1).contains(decay), "optimizer, weight_decay", "\(decay)", "0 to 1")
    let momentum = optimizer.momentum
    try check((0..<1).contains(momentum), "optimizer, momentum", "\(momentum)", "0 up to, not including, 1")
    let warmup = optimizer.warmupSteps
    try check(
      (0...1_000_000).contains(warmup), "optimizer, warmup_steps", "\(warmup)", "0 to 1000000")
    let clip = optimizer.gradientClip
    try check(
      clip == 0 || (clip.isFinite && clip > 0), "optimizer, gradient_clip", "\(clip)",
      "a norm above 0, or 0 for none")
    if let average = optimizer.average {
      try check(
        average > 0 && average < 1, "optimizer, average", "\(average)",
        "above 0 and below 1, such as 0.9; left out, no average is taken")
    }
  }
}

extension TrainingPlan.OptimizerSettings: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case name
    case learningRate = "learning_rate"
    case weightDecay = "weight_decay"
    case momentum, schedule
    case warmupSteps = "warmup_steps"
    case gradientClip = "gradient_clip"
    case average
  }

  /// What is left out takes its default.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    func value<Value: Decodable>(_ key: CodingKeys, else standard: Value) throws -> Value {
      try fields.decodeIfPresent(Value.self, forKey: key) ?? standard
    }
    self.init(
      name: try fields.decode(TrainingPlan.OptimizerName.self, forKey: .name),
      learningRate: try fields.decode(Double.self, forKey: .learningRate),
      weightDecay: try fields.decode(Double.self, forKey: .weightDecay),
      momentum: try value(.momentum, else: 0.99), schedule: try value(.schedule, else: .polynomial),
      warmupSteps: try value(.warmupSteps, else: 0), gradientClip: try value(.gradientClip, else: 12),
      average: try fields.decodeIfPresent(Double.self, forKey: .average))
  }
}
