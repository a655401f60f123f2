import Foundation
import Foundations
import NeuralNetwork
import TestSupport
import Testing
import Training

/// A complete plan, one line a key, for tests to spoil.
private let lines = [
  "schema_version: 1", "name: test", "dimensions: 3", "contrasts: [t1, flair]",
  "labels: [{value: 0, name: background}, {value: 1, name: lesion}]",
  "regions: [{name: lesion, labels: [1]}]", "spacing: [1, 1, 2]", "patch: [32, 16, 8]", "batch: 2",
  "network: {widths: [4, 8, 16], convolutions_per_stage: 2}",
  "optimizer: {name: sgd, learning_rate: 0.01, weight_decay: 1.0e-5, momentum: 0.9}",
  "foreground_oversampling: 0.33", "mirror: [x, z]", "rounds: 3", "local_steps: 4",
  "split: {validation: 0.1, test: 0.2}",
]

private func key(_ line: String) -> String { String(line.prefix { $0 != ":" }) }

/// The plan with the line of the same key replaced, or with a new line.
private func plan(_ line: String? = nil, without left: String? = nil) -> String {
  var all = lines.filter { key($0) != left }
  if let line {
    all = all.filter { key($0) != key(line) } + [line]
  }
  return all.joined(separator: "\n")
}

private let data = DataFingerprint(
  contrasts: ["t1", "flair"], labelValues: [0, 1], medianSpacing: SIMD3(1, 1, 2.006),
  medianSize: SIMD3(64, 64, 32))

struct PlanFileTests {
  @Test func readsEveryField() throws {
    let file = try PlanFile.parse(plan(), file: "p.yaml")
    let resolved = try file.resolved(for: data, file: "p.yaml")
    #expect(resolved.contrasts == ["t1", "flair"])
    #expect(resolved.labels == [.init(value: 0, name: "background"), .init(value: 1, name: "lesion")])
    #expect(resolved.patchAxes.depth == 8 && resolved.patchAxes.width == 32)
    #expect(resolved.architecture.widths == [4, 8, 16] && resolved.architecture.inputChannels == 2)
    #expect(resolved.optimizerKind == .sgd(momentum: 0.9, weightDecay: 1e-5))
    #expect(resolved.split.validation == 0.1 && resolved.split.test == 0.2)
    #expect(resolved.augmentation == .gainOffset)
    #expect(resolved.rounds == 3 && resolved.localSteps == 4 && resolved.mirror == ["x", "z"])
  }

  @Test func whatIsLeftOutFollowsFromTheData() throws {
    var text = plan()
    for name in ["contrasts", "labels", "regions", "spacing"] {
      text = text.split(separator: "\n").filter { key(String($0)) != name }.joined(separator: "\n")
    }
    let resolved = try PlanFile.parse(text, file: "p.yaml").resolved(for: data, file: "p.yaml")
    #expect(resolved.contrasts == data.contrasts && resolved.labelValues == [0, 1])
    #expect(resolved.regions.map(\.labels) == [[1]])
    #expect(resolved.spacing == [1, 1, 2.01])
  }

  @Test func readsTheAugmentation() throws {
    var mixed = AugmentationChoice.nnunet
    (mixed.elastic, mixed.elasticMagnitude, mixed.ghosting) = (0.2, 3, 1)
    let written =
      AugmentationChoice.named.map { ($0.name, $0.choice) } + [
        ("{base: nnunet, elastic: 0.2, elastic_magnitude: 3, ghosting: 1}", mixed),
        ("{bias_field: 0.15, ghosting: 0.1, anisotropic_blur: 0.1}", .nnunetMR),
        ("{base: gain-offset}", .gainOffset),
      ]
    for (text, choice) in written {
      let file = try PlanFile.parse(plan("augmentation: \(text)"), file: "p.yaml")
      let resolved = try file.resolved(for: data, file: "p.yaml")
      #expect(resolved.augmentation == choice)
      let encoded = try JSONEncoder().encode(resolved)
      #expect(try JSONDecoder().decode(TrainingPlan.self, from: encoded) == resolved)
      // A preset stays the name that older releases read.
      let object = try JSONSerialization.jsonObject(with: encoded) as? [String: Any]
      let isPreset = AugmentationChoice.named.contains { $0.choice == choice }
      #expect((object?["augmentation"] as? String == choice.name) == isPreset)
    }
    #expect(mixed.name == "nnunet, elastic 0.2, ghosting 1.0")
  }

  @Test func namesTheAugmentationsThatThereAre() throws {
    for (text, named) in [
      ("strong", "found strong, expected gain-offset, nnunet, nnunet-mr, none or a mapping"),
      ("{base: monai}", "found monai, expected gain-offset, nnunet or none"),
    ] {
      let error = #expect(throws: PlanError.self) {
        try PlanFile.parse(plan("augmentation: \(text)"), file: "p.yaml")
      }
      #expect(error?.description.contains(named) == true, "\(String(describing: error))")
    }
  }

  /// Plans in models from before there was a choice.
  @Test func resolvedPlansWithoutAugmentationAreRead() throws {
    var resolved = try PlanFile.parse(plan(), file: "p.yaml").resolved(for: data, file: "p.yaml")
    resolved.augmentation = .nnunet
    let encoded = try JSONEncoder().encode(resolved)
    #expect(try JSONDecoder().decode(TrainingPlan.self, from: encoded) == resolved)
    var object = try #require(try JSONSerialization.jsonObject(with: encoded) as? [String: Any])
    object["augmentation"] = nil
    let old = try JSONSerialization.data(withJSONObject: object)
    resolved.augmentation = .gainOffset
    #expect(try JSONDecoder().decode(TrainingPlan.self, from: old) == resolved)
  }

  @Test(arguments: [
    "schema_version", "name", "dimensions", "patch", "batch", "network", "optimizer",
    "foreground_oversampling", "mirror", "rounds", "local_steps", "split",
  ])
  func missingField(name: String) throws {
    #expect(throws: PlanError.syntax(file: "p.yaml", reason: "the field \(name) is missing")) {
      try PlanFile.parse(plan(without: name), file: "p.yaml")
    }
  }

  @Test func missingFieldInside() throws {
    #expect(
      throws: PlanError.syntax(
        file: "p.yaml", reason: "the field network, convolutions_per_stage is missing")
    ) {
      try PlanFile.parse(plan("network: {widths: [4, 8]}"), file: "p.yaml")
    }
  }

  @Test(arguments: [
    ("network: {widths: [4, 8], convolutions: 2}", "network, convolutions"),
    ("labels: [{value: 0, name: a, colour: red}]", "labels, colour"), ("split: {tests: 0.2}", "split, tests"),
    ("augmentation: {elastc: 0.2}", "augmentation, elastc"),
  ])
  func unknownKeyInside(line: String, key: String) throws {
    let error = #expect(throws: PlanError.self) { try PlanFile.parse(plan(line), file: "p.yaml") }
    guard case .unknownKeys("p.yaml", [key], _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func unknownKey() throws {
    let error = #expect(throws: PlanError.self) {
      try PlanFile.parse(plan("local_epochs: 3"), file: "p.yaml")
    }
    guard case .unknownKeys("p.yaml", ["local_epochs"], let known) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(known.contains("local_steps"))
    #expect(
      error?.description.contains("p.yaml: found the unknown key local_epochs, expected some of") == true)
  }

  @Test(arguments: ["", "- a\n- b", "just text", "patch: [1, 2", "\t:"])
  func notAPlan(text: String) throws {
    let error = #expect(throws: PlanError.self) { try PlanFile.parse(text, file: "p.yaml") }
    guard case .syntax("p.yaml", let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!reason.contains("\n"))
  }

  @Test(arguments: [
    ("batch: many", "batch"), ("patch: [32, 16.5, 8]", "patch"), ("dimensions: three", "dimensions"),
    ("optimizer: {name: lion, learning_rate: 0.1, weight_decay: 0, momentum: 0}", "optimizer, name"),
    ("labels: [{value: -1, name: a}]", "labels"), ("augmentation: strong", "augmentation"),
    ("augmentation: [nnunet]", "augmentation"), ("augmentation: {elastic: often}", "augmentation, elastic"),
  ])
  func anotherKindOfValue(line: String, field: String) throws {
    let error = #expect(throws: PlanError.self) { try PlanFile.parse(plan(line), file: "p.yaml") }
    guard case .syntax("p.yaml", let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("the field \(field)"), "\(reason)")
  }

  /// Said before anything that such a plan may have otherwise.
  @Test func aNewerReleasesPlan() {
    #expect(throws: PlanError.field(file: "p.yaml", field: "schema_version", found: "99", expected: "1 to 2"))
    {
      try PlanFile.parse("schema_version: 99\nteam: [a, b]", file: "p.yaml")
    }
  }

  @Test(arguments: [
    ("schema_version: 3", "schema_version"), ("contrasts: []", "contrasts"),
    ("labels: [{value: 1, name: lesion}, {value: 0, name: background}]", "labels"),
    ("labels: [{value: 0, name: a}, {value: 1, name: b}, {value: 1, name: c}]", "labels"),
    ("regions: [{name: lesion, labels: [2]}]", "regions, lesion"),
    ("regions: [{name: none, labels: []}]", "regions, none"),
    ("spacing: [1, 1]", "spacing"), ("spacing: [1, 1, 0]", "spacing"), ("spacing: [1, .nan, 1]", "spacing"),
    ("patch: [32, 16]", "patch"), ("patch: [32, 16, 0]", "patch"), ("batch: 0", "batch"),
    ("mirror: [x, w]", "mirror"), ("foreground_oversampling: 1.5", "foreground_oversampling"),
    ("rounds: 0", "rounds"), ("local_steps: 0", "local_steps"),
    ("optimizer: {name: adam, learning_rate: 0, weight_decay: 0, momentum: 0}", "optimizer, learning_rate"),
    ("optimizer: {name: sgd, learning_rate: 1, weight_decay: 0, momentum: 1}", "optimizer, momentum"),
    ("split: {validation: 0.5, test: 0.5}", "split"),
    ("split: {validation: -0.1, test: 0}", "split, validation"),
    ("labels: [{value: 0, name: a}, {value: 1, name: b}, {value: 65535, name: c}]", "labels"),
    ("augmentation: {elastic: 1.5}", "augmentation, elastic"),
    ("augmentation: {bias_field: -0.1}", "augmentation, bias_field"),
    ("augmentation: {base: gain-offset, ghosting: 0.1}", "augmentation, ghosting"),
    ("augmentation: {elastic: 0.1, elastic_magnitude: 0}", "augmentation, elastic_magnitude"),
    ("augmentation: {elastic: 0.1, elastic_magnitude: .nan}", "augmentation, elastic_magnitude"),
  ])
  func impossibleValue(line: String, field: String) throws {
    let error = #expect(throws: PlanError.self) {
      try PlanFile.parse(plan(line), file: "p.yaml").resolved(for: data, file: "p.yaml")
    }
    guard case .field("p.yaml", let named, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(named == field)
  }

  /// Three stages halve the patch twice: each side is a multiple of 4, and 8 or more.
  @Test(arguments: [
    ("patch: [32, 16, 4]", "depth", 4), ("patch: [32, 18, 8]", "height", 18),
    ("patch: [30, 16, 8]", "width", 30),
  ])
  func patchTooSmallForTheDepth(line: String, axis: String, extent: Int) throws {
    try refuses(line, .patch(axis: axis, extent: extent, stages: 3, multiple: 4))
  }

  @Test func networkThatCannotBe() throws {
    try refuses("dimensions: 4", .dimensions(found: 4))
    try refuses("dimensions: 2", .planarPatch(depth: 8))
    try refuses(
      "network: {widths: [4, 0], convolutions_per_stage: 2}",
      .outOfRange(field: "network.widths", found: 0, lower: 1, upper: 2048))
  }

  /// The network's error comes as it is, and with the plan's file where that is asked for.
  private func refuses(_ line: String, _ error: NetworkError) throws {
    let file = try PlanFile.parse(plan(line), file: "p.yaml")
    #expect(throws: error) { try file.resolved(for: data, file: "p.yaml") }
    #expect(throws: PlanError.network(file: "p.yaml", error: error)) {
      try PlanError.naming("p.yaml") { try file.resolved(for: data, file: "p.yaml") }
    }
    #expect(PlanError.network(file: "p.yaml", error: error).description.hasPrefix("p.yaml: "))
  }

  @Test func dataOfAnotherKind() throws {
    let file = try PlanFile.parse(plan(), file: "p.yaml")
    var other = data
    other.contrasts = ["flair"]
    #expect(throws: PlanError.contrasts(file: "p.yaml", found: ["flair"], expected: ["t1", "flair"])) {
      try file.resolved(for: other, file: "p.yaml")
    }
    other = data
    other.labelValues = [0, 1, 7]
    #expect(throws: PlanError.labels(file: "p.yaml", found: [0, 1, 7], expected: [0, 1])) {
      try file.resolved(for: other, file: "p.yaml")
    }
    other = data
    other.medianSize.z = 1
    #expect(throws: PlanError.self) { try file.resolved(for: other, file: "p.yaml") }
    // More contrasts than the plan wants are no fault.
    other = data
    other.contrasts = ["t1", "t2", "flair"]
    #expect(try file.resolved(for: other, file: "p.yaml").contrasts == ["t1", "flair"])
  }

  @Test func filesThatAreNotThere() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("none.yaml")
    #expect(throws: FileError.notFound(path: path)) { try PlanFile.read(path) }
    #expect(throws: FileError.self) { try PlanFile.read(folder.path) }
  }
}
