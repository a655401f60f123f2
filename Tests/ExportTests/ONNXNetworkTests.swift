import Export
import Foundation
import Foundations
import Interchange
import NeuralNetwork
import Tensor
import TestSupport
import Testing

/// onnxruntime computes the same as segfed's own network.
@Suite(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
struct ONNXNetworkTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let architecture: UNetArchitecture
    let patch: Axes
    let operations: Set<String>
  }

  private static let common: Set<String> = [
    "Concat", "Conv", "ConvTranspose", "InstanceNormalization", "LeakyRelu", "Softmax",
  ]

  static let cases = [
    Case(
      testDescription: "2D",
      architecture: UNetArchitecture(dimensions: 2, inputChannels: 3, classes: 4, widths: [5, 8, 16]),
      patch: Axes(1, 16, 24), operations: common),
    Case(
      testDescription: "3D",
      architecture: UNetArchitecture(
        dimensions: 3, inputChannels: 2, classes: 3, widths: [4, 6, 9], convolutionsPerStage: 1),
      patch: Axes(8, 16, 12), operations: common),
    Case(
      testDescription: "3D with max pools",
      architecture: UNetArchitecture(
        dimensions: 3, inputChannels: 1, classes: 2, widths: [4, 8], downsampling: .maxPool),
      patch: Axes(8, 4, 6), operations: common.union(["MaxPool"])),
    Case(
      testDescription: "3D, thick slices, deep supervision",
      architecture: UNetArchitecture(
        dimensions: 3, inputChannels: 2, classes: 3, widths: [3, 4, 5],
        strides: [Axes(1, 1, 1), Axes(1, 2, 2), Axes(2, 2, 2)],
        kernels: [Axes(1, 3, 3), Axes(3, 3, 3), Axes(3, 3, 3)], deepSupervision: true),
      patch: Axes(4, 16, 8), operations: common),
    Case(
      testDescription: "3D, residual encoder",
      architecture: UNetArchitecture(
        dimensions: 3, inputChannels: 2, classes: 3, widths: [4, 6, 8], convolutionsPerStage: 1,
        encoder: .residual(blocksPerStage: [1, 2, 2])),
      patch: Axes(8, 8, 16), operations: common.union(["Add", "AveragePool"])),
    Case(
      testDescription: "2D, residual encoder",
      architecture: UNetArchitecture(
        dimensions: 2, inputChannels: 1, classes: 2, widths: [4, 8],
        encoder: .residual(blocksPerStage: [1, 3])),
      patch: Axes(1, 8, 12), operations: common.union(["Add", "AveragePool"])),
  ]

  @Test(arguments: cases) func onnxruntimeAgrees(_ item: Case) throws {
    let run = try NetworkRun(item.architecture, batch: 2, patch: item.patch, seed: 3)
    let found = try check(run, activation: .softmax)
    #expect(found["outputs"] as? [String] == ["logits", "probabilities"])
    #expect(Set(try #require(found["operations"] as? [String])) == item.operations)
    #expect(found["opset"] as? Int == 17)
    let grid: [AnyHashable] =
      (item.architecture.dimensions == 2 ? [] : [item.patch.depth]) + [item.patch.height, item.patch.width]
    let shapes = try #require(found["shapes"] as? [String: [AnyHashable]])
    let image: [AnyHashable] = ["batch", item.architecture.inputChannels]
    #expect(shapes["image"] == image + grid.map { AnyHashable($0) })
    #expect((found["metadata"] as? [String: String])?["made for"] == "a test")
    // Logits that are all about 0 would agree with anything.
    let largest = try #require(found["largest"] as? [String: Double])
    #expect(largest["logits"] ?? 0 > 0.5)
  }

  @Test func regionsAreSigmoids() throws {
    let architecture = UNetArchitecture(dimensions: 2, inputChannels: 2, classes: 3, widths: [4, 6])
    let run = try NetworkRun(architecture, batch: 1, patch: Axes(1, 8, 8), seed: 4)
    let found = try check(run, activation: .sigmoid)
    #expect((found["operations"] as? [String])?.contains("Sigmoid") == true)
  }

  /// Runs onnxruntime on what the network saw; fails where a result differs by more than 1e-4.
  private func check(_ run: NetworkRun, activation: ONNXNetwork.Activation) throws -> [String: Any] {
    let folder = try TemporaryFolder()
    let (model, data) = (folder.file("model.onnx"), folder.file("data.safetensors"))
    let empty = ONNXModel(
      name: "test", version: "0", description: "a test's network", metadata: ["made for": "a test"])
    try ONNXNetwork.model(
      run.architecture, weights: run.weights, grid: run.grid, activation: activation, into: empty
    ).write(to: model)
    let probabilities = run.probabilities(activation)
    try SafetensorsFile(tensors: [
      run.channelsFirst("image", run.image, channels: run.architecture.inputChannels),
      run.channelsFirst("logits", run.logits, channels: run.architecture.classes),
      run.channelsFirst("probabilities", probabilities, channels: run.architecture.classes),
    ]).write(to: data)
    let text = try PythonReference.run(script: "onnx_reference.py", arguments: [model, data])
    let found = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    for key in ["differences", "differences of one"] {
      let differences = try #require(found[key] as? [String: Double])
      #expect(differences.count == 2)
      for (name, difference) in differences { #expect(difference <= 1e-4, "\(name): \(difference)") }
    }
    return found
  }

  @Test func bytesDependOnContentAlone() throws {
    let architecture = UNetArchitecture(dimensions: 2, inputChannels: 1, classes: 2, widths: [2, 3])
    let weights = architecture.parameterLayout.initialValues(seed: 1)
    func bytes(_ metadata: [String: String]) -> Data {
      let empty = ONNXModel(name: "a", version: "0", description: "", metadata: metadata)
      return ONNXNetwork.model(
        architecture, weights: weights, grid: [8, 8], activation: .softmax, into: empty
      ).encoded()
    }
    let entries = (0..<20).map { ("key \($0)", "\($0)") }
    #expect(
      bytes(Dictionary(uniqueKeysWithValues: entries))
        == bytes(Dictionary(uniqueKeysWithValues: entries.reversed())))
  }
}
