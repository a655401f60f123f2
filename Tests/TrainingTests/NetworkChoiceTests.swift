import Foundation
import NeuralNetwork
import Tensor
import Testing
import Training

/// The plan's `network`: what a person writes, what is left out, and what cannot be.
@Suite struct NetworkChoiceTests {
  private static func text(_ network: String, dimensions: Int = 3, patch: String = "[32, 32, 8]") -> String {
    """
    schema_version: 2
    name: test
    dimensions: \(dimensions)
    patch: \(patch)
    batch: 2
    network: \(network)
    optimizer: {name: sgd, learning_rate: 0.01, weight_decay: 3.0e-5, momentum: 0.99}
    foreground_oversampling: 0.33
    mirror: [x]
    rounds: 1
    local_steps: 1
    split: {validation: 0.1, test: 0.2}
    """
  }

  private static func resolved(
    _ network: String, dimensions: Int = 3, patch: String = "[32, 32, 8]"
  ) throws -> TrainingPlan {
    let data = DataFingerprint(
      contrasts: ["t1"], labelValues: [0, 1], medianSpacing: SIMD3(1, 1, 3), medianSize: SIMD3(64, 64, 32))
    return try PlanFile.parse(
      text(network, dimensions: dimensions, patch: patch), file: "p.yaml"
    ).resolved(for: data, file: "p.yaml")
  }

  /// x, y, z in the plan are width, height, depth in the network.
  @Test func everyKeyIsRead() throws {
    let plan = try Self.resolved(
      """
      {encoder: residual, widths: [4, 8, 8], strides: [[1, 1, 1], [2, 2, 1], [2, 1, 2]],
        kernels: [[3, 3, 1], [3, 5, 1], [3, 3, 3]], convolutions_per_stage: 1, blocks_per_stage: [1, 2, 3],
        deep_supervision: true}
      """)
    #expect(
      plan.architecture
        == UNetArchitecture(
          dimensions: 3, inputChannels: 1, classes: 2, widths: [4, 8, 8], convolutionsPerStage: 1,
          encoder: .residual(blocksPerStage: [1, 2, 3]), strides: [.one, Axes(1, 2, 2), Axes(2, 1, 2)],
          kernels: [Axes(1, 3, 3), Axes(1, 5, 3), Axes(3, 3, 3)], deepSupervision: true))
    for word in ["residual", "1, 2, 3", "[2, 1, 2]", "[3, 5, 1]", "deep supervision"] {
      #expect(plan.networkSummary.contains(word), "\(plan.networkSummary)")
    }
  }

  /// What is left out makes the network of plans that could say nothing about it.
  @Test(arguments: [(2, "[32, 32, 1]"), (3, "[32, 32, 8]")])
  func whatIsLeftOutIsPlain(dimensions: Int, patch: String) throws {
    let plan = try Self.resolved(
      "{widths: [4, 8, 16], convolutions_per_stage: 2}", dimensions: dimensions, patch: patch)
    let usual = UNetArchitecture(
      dimensions: dimensions, inputChannels: 1, classes: 2, widths: [4, 8, 16])
    #expect(plan.architecture.parameterLayout == usual.parameterLayout)
    let patch = plan.patchAxes
    #expect(
      try plan.architecture.convolutions(batch: 2, patch: patch, isTraining: true).map(\.shape)
        == usual.convolutions(batch: 2, patch: patch, isTraining: true).map(\.shape))
    #expect(plan.network.encoder == .plain && plan.network.blocksPerStage.isEmpty)
    #expect(!plan.networkSummary.contains("strides") && !plan.networkSummary.contains("kernels"))
    let residual = try Self.resolved(
      "{encoder: residual, widths: [4, 8, 8, 8], convolutions_per_stage: 1}", dimensions: dimensions,
      patch: dimensions == 2 ? "[32, 32, 1]" : "[32, 32, 16]")
    #expect(residual.network.blocksPerStage == [1, 3, 4, 6])
  }

  /// A resolved plan of an older release names widths and convolutions alone.
  @Test func olderPlansAreRead() throws {
    let plan = try Self.resolved("{widths: [4, 8, 16], convolutions_per_stage: 2}")
    let encoded = try JSONEncoder().encode(plan)
    #expect(try JSONDecoder().decode(TrainingPlan.self, from: encoded) == plan)
    var object = try #require(try JSONSerialization.jsonObject(with: encoded) as? [String: Any])
    let network = try #require(object["network"] as? [String: Any])
    #expect((network["strides"] as? [[Int]]) == [[1, 1, 1], [2, 2, 2], [2, 2, 2]])
    object["network"] = network.filter { ["widths", "convolutions_per_stage"].contains($0.key) }
    let old = try JSONSerialization.data(withJSONObject: object)
    #expect(try JSONDecoder().decode(TrainingPlan.self, from: old) == plan)
  }

  @Test(arguments: [
    ("strides: [[1, 1, 1], [2, 2]]", "network, strides"), ("encoder: deep", "network, encoder"),
    ("kernels: [3, 3]", "network, kernels"), ("deep_supervision: 2", "network, deep_supervision"),
  ]) func anotherKindOfValue(key: String, field: String) throws {
    let error = #expect(throws: PlanError.self) {
      try Self.resolved("{widths: [4, 8], convolutions_per_stage: 1, \(key)}")
    }
    guard case .syntax("p.yaml", let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("the field \(field)"), "\(reason)")
  }

  @Test(arguments: [
    ("strides: [[1, 1, 1]]", NetworkError.stageCount(field: "network.strides", found: 1, expected: 2)),
    (
      "kernels: [[3, 3, 3], [3, 3, 2]]",
      .stageAxes(
        field: "network.kernels", stage: 1, found: Axes(2, 3, 3), expected: "1, 3, 5 or 7 along each axis")
    ),
    (
      "encoder: residual, blocks_per_stage: [1]",
      .stageCount(field: "network.blocks_per_stage", found: 1, expected: 2)
    ),
    (
      "strides: [[1, 1, 1], [2, 2, 4]]",
      .stageAxes(
        field: "network.strides", stage: 1, found: Axes(4, 2, 2),
        expected: "1 or 2 along each axis, into the first stage 1")
    ),
  ]) func stagesThatCannotBe(key: String, error: NetworkError) {
    #expect(throws: error) { try Self.resolved("{widths: [4, 8], convolutions_per_stage: 1, \(key)}") }
  }

  @Test func blocksAreTheResidualEncodersAlone() throws {
    let error = #expect(throws: PlanError.self) {
      try Self.resolved("{widths: [4, 8], convolutions_per_stage: 1, blocks_per_stage: [1, 1]}")
    }
    guard case .field("p.yaml", "network, blocks_per_stage", _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// The patch's multiple follows each axis' own steps: slices that are never halved may be 3.
  @Test func patchesFollowTheirAxis() throws {
    let strides = "strides: [[1, 1, 1], [2, 2, 1], [2, 2, 1]]"
    let network = "{widths: [4, 8, 8], convolutions_per_stage: 1, \(strides)}"
    #expect(try Self.resolved(network, patch: "[32, 8, 3]").patchAxes == Axes(3, 8, 32))
    #expect(throws: NetworkError.patch(axis: "height", extent: 6, stages: 3, multiple: 4)) {
      try Self.resolved(network, patch: "[32, 6, 3]")
    }
  }
}
