import Foundation
import Foundations
import NeuralNetwork
import Testing
import Training

/// The plan's `loss` and `optimizer`.
struct PlanFileRecipeTests {
  private static let data = DataFingerprint(
    contrasts: ["t1"], labelValues: [0, 1, 2, 4], medianSpacing: SIMD3(1, 1, 1), medianSize: SIMD3(64, 64, 32)
  )

  private static func resolved(
    optimizer: String = "{name: sgd, learning_rate: 0.01, weight_decay: 3.0e-5}", loss: String? = nil,
    schema: Int = 2, targets: String = "labels"
  ) throws -> TrainingPlan {
    let text = """
      schema_version: \(schema)
      name: test
      dimensions: 3
      targets: \(targets)
      patch: [16, 16, 16]
      batch: 2
      network: {widths: [4, 8], convolutions_per_stage: 1}
      optimizer: \(optimizer)
      \(loss.map { "loss: \($0)" } ?? "")
      foreground_oversampling: 0.33
      mirror: []
      rounds: 3
      local_steps: 4
      split: {validation: 0.1, test: 0.2}
      """
    return try PlanFile.parse(text, file: "p.yaml").resolved(for: data, file: "p.yaml")
  }

  @Test func whatIsLeftOutIsNNUNets() throws {
    let plan = try Self.resolved()
    #expect(plan.optimizerKind == .sgd(momentum: 0.99, weightDecay: 3e-5))
    #expect(plan.learningRateSchedule == LearningRateSchedule(.polynomial, base: 0.01))
    #expect(plan.optimizer.gradientClip == 12 && plan.optimizer.average == nil)
    #expect(plan.loss == TrainingPlan.Loss(batchDice: true, classWeights: .none))
    #expect(plan.lossSettings(for: []) == LossSettings(.labels(4)))
  }

  @Test func everyFieldIsRead() throws {
    let plan = try Self.resolved(
      optimizer: """
        {name: adamw, learning_rate: 0.003, weight_decay: 0.02, schedule: cosine, warmup_steps: 5, gradient_clip: 0,
          average: 0.9}
        """, loss: "{batch_dice: false, class_weights: [1, 2, 3]}", targets: "regions")
    #expect(plan.optimizerKind == .adamW(weightDecay: 0.02))
    #expect(plan.learningRateSchedule == LearningRateSchedule(.cosine, base: 0.003, warmupSteps: 5))
    #expect(plan.optimizer.gradientClip == 0 && plan.optimizer.average == 0.9)
    // WT, TC, ET as places in the labels 0, 1, 2, 4.
    let membership = RegionMembership(classes: 4, regions: [[1, 2, 3], [1, 3], [3]])
    #expect(
      plan.lossSettings(for: []) == LossSettings(.regions(membership), batchDice: false, weights: [1, 2, 3]))
    let encoded = try JSONEncoder().encode(plan)
    #expect(try JSONDecoder().decode(TrainingPlan.self, from: encoded) == plan)
  }

  /// What schema 1 called Adam has always been AdamW.
  @Test func adamOfSchema1IsAdamW() throws {
    let adam = "{name: adam, learning_rate: 0.003, weight_decay: 0.02, momentum: 0.9}"
    #expect(try Self.resolved(optimizer: adam, schema: 1).optimizerKind == .adamW(weightDecay: 0.02))
    let plan = try Self.resolved(optimizer: adam)
    #expect(plan.optimizerKind == .adam(weightDecay: 0.02))
    // A resolved plan in a model of then, without the fields that came since.
    var object = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(plan)) as? [String: Any])
    object["schema_version"] = 1
    object["loss"] = nil
    object["optimizer"] = ["name": "adam", "learning_rate": 0.003, "weight_decay": 0.02, "momentum": 0.9]
    let old = try JSONDecoder().decode(
      TrainingPlan.self, from: JSONSerialization.data(withJSONObject: object))
    #expect(old.optimizerKind == .adamW(weightDecay: 0.02))
    #expect(old.optimizer.gradientClip == 12 && old.optimizer.schedule == .polynomial)
    #expect(old.loss == TrainingPlan.Loss())
  }

  @Test(arguments: [
    ("warmup_steps: -1", "optimizer, warmup_steps"), ("gradient_clip: -1", "optimizer, gradient_clip"),
    ("gradient_clip: .inf", "optimizer, gradient_clip"), ("average: 1", "optimizer, average"),
    ("average: 0", "optimizer, average"), ("momentum: 1", "optimizer, momentum"),
  ])
  func impossibleOptimizers(field: String, named: String) throws {
    try expect(named) {
      try Self.resolved(optimizer: "{name: sgd, learning_rate: 0.1, weight_decay: 0, \(field)}")
    }
  }

  @Test(arguments: [
    ("labels", "[1, 2]"), ("labels", "[1, 2, 3, 0]"), ("regions", "[1, 2, 3, 4]"),
    ("regions", "[1, .nan, 1]"),
    ("labels", "[1, 2, -3, 4]"),
  ])
  func impossibleClassWeights(targets: String, weights: String) throws {
    try expect("loss, class_weights") {
      try Self.resolved(loss: "{class_weights: \(weights)}", targets: targets)
    }
  }

  @Test(arguments: [
    "{class_weights: often}", "{class_weights: 3}", "{class_weights: [a, b]}", "{batch_dice: 2}",
  ])
  func lossesOfAnotherKind(loss: String) throws {
    let error = #expect(throws: PlanError.self) { try Self.resolved(loss: loss) }
    guard case .syntax("p.yaml", let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("the field loss, "), "\(reason)")
  }

  @Test func misspeltKeysAreNamed() throws {
    let wrong = "{name: sgd, learning_rate: 1, weight_decay: 0, warmup: 3}"
    for (text, key) in [("loss", "loss, dice"), ("optimizer", "optimizer, warmup")] {
      let error = #expect(throws: PlanError.self) {
        try text == "loss" ? Self.resolved(loss: "{dice: 1}") : Self.resolved(optimizer: wrong)
      }
      guard case .unknownKeys("p.yaml", [key], _) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }

  private func expect(_ field: String, _ body: () throws -> TrainingPlan) throws {
    let error = #expect(throws: PlanError.self) { try body() }
    guard case .field("p.yaml", let named, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(named == field)
  }
}
