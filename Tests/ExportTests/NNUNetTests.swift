import Export
import Foundation
import Foundations
import Harmonization
import Interchange
import NeuralNetwork
import Reporting
import Tensor
import TestSupport
import Testing
import Training

/// Networks of nnU-Net's own (Tests/Python/interchange_golden.py): names, shapes, layouts, and what they compute.
struct NNUNetTests {
  /// A golden file, and the same network as segfed's plans say it.
  struct Golden {
    let plan: TrainingPlan
    let file: SafetensorsFile
    private let image: NamedTensor
    private let logits: NamedTensor

    init(_ name: String, plan: TrainingPlan) throws {
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      let all = try SafetensorsFile.read(folder.appending(path: "Golden/nnunet-\(name).safetensors").path)
      let isParameter = { (tensor: NamedTensor) in tensor.name.contains(".") }
      self.plan = plan
      file = SafetensorsFile(tensors: all.tensors.filter(isParameter), metadata: all.metadata)
      image = try #require(all.tensors.first { $0.name == "image" })
      logits = try #require(all.tensors.first { $0.name == "logits" })
    }

    func weights() throws -> [Float] { try NNUNetWeights.read(file, path: "golden", for: plan.architecture) }

    /// Largest difference of segfed's logits with these weights from nnU-Net's.
    func error() throws -> Double {
      let architecture = plan.architecture
      let grid = Array(image.shape.dropFirst(2))
      let patch = grid.count == 2 ? Axes(1, grid[0], grid[1]) : Axes(grid[0], grid[1], grid[2])
      let run = try NetworkRun(
        architecture, batch: image.shape[0], patch: patch, weights: weights(), image: channelsLast(image))
      let found = run.channelsFirst("logits", run.logits, channels: architecture.classes)
      #expect(found.shape == logits.shape)
      return zip(found.values, logits.values).map { Double(abs($0 - $1)) }.max() ?? .infinity
    }

    private func channelsLast(_ tensor: NamedTensor) -> [Float] {
      let (batch, channels) = (tensor.shape[0], tensor.shape[1])
      let voxels = tensor.values.count / batch / channels
      return (0..<tensor.values.count).map { index in
        let (sample, voxel, channel) = (
          index / channels / voxels, index / channels % voxels, index % channels
        )
        return tensor.values[(sample * channels + channel) * voxels + voxel]
      }
    }
  }

  /// Thick slices: in the plane first.
  private static let anisotropic =
    ", strides: [[1, 1, 1], [2, 2, 1], [2, 2, 2]], kernels: [[3, 3, 1], [3, 3, 3], [3, 3, 3]]"

  static let plans = [
    "2d": SamplePlan.planar(contrasts: 3, labels: 4, widths: [4, 6, 8]),
    "3d": SamplePlan.solid(contrasts: 2, labels: 3, widths: [3, 4, 6]),
    "3d-anisotropic": SamplePlan.solid(
      contrasts: 2, labels: 3, widths: [3, 4, 6], network: anisotropic),
    "3d-residual": SamplePlan.solid(
      contrasts: 2, labels: 3, widths: [3, 4, 6],
      network: anisotropic + ", encoder: residual, blocks_per_stage: [1, 2, 2]"),
  ]

  @Test(arguments: plans.keys.sorted()) func computesWhatNNUNetComputes(_ name: String) throws {
    let golden = try Golden(name, plan: #require(Self.plans[name]))
    let error = try golden.error()
    #expect(error <= 1e-4, "\(error)")
  }

  /// Every tensor of nnU-Net's network, with its values; nothing else.
  @Test(arguments: plans.keys.sorted()) func writesWhatNNUNetLoads(_ name: String) throws {
    let golden = try Golden(name, plan: #require(Self.plans[name]))
    let description = try NNUNetDescription(golden.plan, weights: golden.weights(), file: "model")
    let written = description.namedTensors()
    #expect(Set(written.map(\.name)).count == written.count)
    #expect(written.map(\.name).sorted() == golden.file.tensors.map(\.name).sorted())
    for tensor in golden.file.tensors {
      let found = written.first { $0.name == tensor.name }
      #expect(found == tensor, "\(tensor.name)")
    }
  }

  /// plans.json has the arguments that the network was made with.
  @Test(arguments: plans.keys.sorted()) func plansNameTheNetwork(_ name: String) throws {
    let golden = try Golden(name, plan: #require(Self.plans[name]))
    let description = try NNUNetDescription(golden.plan, weights: golden.weights(), file: "model")
    let plans = try object(description.plans())
    let configurations = try #require(plans["configurations"] as? [String: [String: Any]])
    let configuration = try #require(configurations[name == "2d" ? "2d" : "3d_fullres"])
    let found = try #require(configuration["architecture"] as? NSDictionary)
    let text = Data(try #require(golden.file.metadata["architecture"]).utf8)
    #expect(found == (try JSONSerialization.jsonObject(with: text) as? NSDictionary))
    #expect(configuration["patch_size"] as? [Int] == (name == "2d" ? [24, 16] : [24, 16, 8]))
    #expect(configuration["spacing"] as? [Double] == (name == "2d" ? [2, 1.5] : [3, 2, 1.5]))
    #expect(
      configuration["normalization_schemes"] as? [String]
        == golden.plan.contrasts.map { _ in "ZScoreNormalization" })
  }

  /// nnU-Net builds the network from the two files and loads the third strictly (`make test-long`).
  @Test(
    .enabled(if: PythonReference.nnunetInterpreter != nil, "make test-long"), arguments: plans.keys.sorted())
  func nnunetLoadsTheExport(_ name: String) throws {
    let plan = try #require(Self.plans[name])
    let run = try NetworkRun(plan.architecture, batch: 1, patch: plan.patchAxes, seed: 8)
    let description = try NNUNetDescription(plan, weights: run.weights, file: "model")
    let folder = try TemporaryFolder()
    try SafetensorsFile(tensors: description.namedTensors(), metadata: ["format": "pt"])
      .write(to: folder.file("model.safetensors"))
    try AtomicFile.write(description.dataset().rendered(), to: folder.file("dataset.json"))
    try AtomicFile.write(description.plans().rendered(), to: folder.file("plans.json"))
    let data = folder.file("data.safetensors")
    try SafetensorsFile(tensors: [
      run.channelsFirst("image", run.image, channels: plan.contrasts.count),
      run.channelsFirst("logits", run.logits, channels: plan.outputCount),
    ]).write(to: data)
    let text = try PythonReference.run(
      script: "nnunet_export_check.py", arguments: [folder.path, data],
      interpreter: PythonReference.nnunetInterpreter)
    let found = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    #expect(found["missing"] as? [String] == [] && found["unexpected"] as? [String] == [])
    #expect(found["heads"] as? Int == plan.outputCount)
    #expect(found["reader"] as? String == "NibabelIOWithReorient")
    #expect(try #require(found["difference"] as? Double) <= 1e-4)
    #expect(try #require(found["largest"] as? Double) > 0.5)
  }

  @Test func labelsAreNumberedThrough() throws {
    var plan = SamplePlan.solid(contrasts: 2, labels: 4, widths: [2, 3])
    for (index, value) in [UInt16(0), 1, 2, 4].enumerated() { plan.labels[index].value = value }
    let dataset = try object(description(of: plan).dataset())
    #expect(
      dataset["labels"] as? [String: Int] == ["background": 0, "label 1": 1, "label 2": 2, "label 3": 3])
    #expect((dataset["segfed"] as? [String: [Int]])?["label_values"] == [0, 1, 2, 4])
    #expect(dataset["channel_names"] as? [String: String] == ["0": "contrast 0", "1": "contrast 1"])
    #expect(dataset["regions_class_order"] == nil)
  }

  /// BraTS' regions of its labels up to 2021, where 4 is enhancing tumour.
  @Test func regionsKeepTheirOrder() throws {
    var plan = SamplePlan.solid(contrasts: 1, labels: 4, widths: [2, 3])
    plan.labels[3].value = 4
    plan.regions = [
      .init(name: "WT", labels: [1, 2, 4]), .init(name: "TC", labels: [1, 4]), .init(name: "ET", labels: [4]),
    ]
    plan.targets = .regions
    let dataset = try object(description(of: plan).dataset())
    let labels = try #require(dataset["labels"] as? [String: Any])
    #expect(labels["WT"] as? [Int] == [1, 2, 3] && labels["TC"] as? [Int] == [1, 3])
    #expect(labels["ET"] as? [Int] == [3])
    // Painted in this order, the last on top: edema, core, enhancing tumour.
    #expect(dataset["regions_class_order"] as? [Int] == [2, 1, 3])
  }

  @Test func regionsOfOneLabelAreRefused() throws {
    var plan = SamplePlan.solid(contrasts: 1, labels: 2, widths: [2, 3])
    plan.targets = .regions
    #expect(throws: ExportError.self) { try description(of: plan) }
  }

  /// Heads that are trained keep their places; the lowest, which nnU-Net's loss leaves out, is zeros.
  @Test func deepSupervisionKeepsItsHeads() throws {
    let plan = SamplePlan.solid(
      contrasts: 1, labels: 2, widths: [2, 2, 3, 4], patch: [16, 16, 24],
      network: ", deep_supervision: true")
    let tensors = try description(of: plan).namedTensors()
    let heads = (0..<3).map { index in
      tensors.first { $0.name == "decoder.seg_layers.\(index).weight" }
    }
    #expect(heads.map { $0?.shape } == [[2, 3, 1, 1, 1], [2, 2, 1, 1, 1], [2, 2, 1, 1, 1]])
    #expect(heads.map { $0?.values.contains { $0 != 0 } } == [false, true, true])
  }

  /// As `safetensors.torch.save_model` writes a network in which one tensor has several names.
  @Test func sharedTensorsAreFoundByTheMetadata() throws {
    let golden = try Golden("3d", plan: #require(Self.plans["3d"]))
    var metadata: [String: String] = [:]
    let tensors = golden.file.tensors.map { tensor in
      guard tensor.name.hasPrefix("encoder.") else { return tensor }
      metadata[tensor.name] = "decoder." + tensor.name
      return NamedTensor(name: "decoder." + tensor.name, shape: tensor.shape, values: tensor.values)
    }
    let shared = SafetensorsFile(tensors: tensors, metadata: metadata)
    #expect(metadata.count > 10)
    #expect(
      try NNUNetWeights.read(shared, path: "shared", for: golden.plan.architecture) == golden.weights())
  }

  /// Weights of another network are named, not read.
  @Test func otherShapesAreRefused() throws {
    let golden = try Golden("3d", plan: #require(Self.plans["3d"]))
    let other = SamplePlan.solid(contrasts: 2, labels: 3, widths: [3, 4, 7])
    let error = #expect(throws: ExportError.self) {
      try NNUNetWeights.read(golden.file, path: "nnunet.safetensors", for: other.architecture)
    }
    #expect(error?.description.contains("encoder.stages.2.0.convs.0.conv.weight") == true)
    #expect(error?.description.contains("[7, 4, 3, 3, 3]") == true)
  }

  /// A layer that the plan's network does not have would be left out, and what is left would be another network.
  @Test func layersTooManyAreRefused() throws {
    let golden = try Golden("3d", plan: #require(Self.plans["3d"]))
    let surplus = NamedTensor(
      name: "encoder.stages.0.0.convs.7.conv.weight", shape: [3, 3, 3, 3, 3],
      values: [Float](repeating: 0, count: 243))
    let file = SafetensorsFile(tensors: golden.file.tensors + [surplus], metadata: golden.file.metadata)
    let error = #expect(throws: ExportError.self) {
      try NNUNetWeights.read(file, path: "nnunet.safetensors", for: golden.plan.architecture)
    }
    #expect(
      error?.description.contains("encoder.stages.0.0.convs.7.conv.weight: found one of the shape") == true)
  }

  private func description(of plan: TrainingPlan) throws -> NNUNetDescription {
    let weights = plan.architecture.parameterLayout.initialValues(seed: 1)
    return try NNUNetDescription(plan, weights: weights, file: "model")
  }

  private func object(_ json: JSONValue) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(json.rendered().utf8)) as? [String: Any])
  }
}
