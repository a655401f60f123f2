import Export
import Foundation
import Foundations
import Interchange
import Reporting
import Training

/// `segfed export`: a trained model in other tools' formats, with nnU-Net's description of it beside.
package enum ModelExport {
  package enum Format: String, Sendable, CaseIterable {
    case onnx
    case nnunet
  }

  package struct Request: Sendable, Equatable {
    /// A model file or run folder.
    package var model: String
    package var format: Format
    /// The model's file, ending in `.onnx`; of `nnunet` a folder.
    package var output: String
    /// This program's, for the files' makers.
    package var version: String
    package var force = false

    package init(model: String, format: Format, output: String, version: String) {
      self.model = model
      self.format = format
      self.output = output
      self.version = version
    }
  }

  /// Writes the model, `dataset.json` and `plans.json`, and returns their paths.
  ///
  /// All is checked before a file is written. Throws `FileError`, `ExportError`, and what `ModelFile.read` throws.
  @discardableResult
  package static func execute(_ request: Request, console: Console) throws -> [String] {
    var files = try files(request)
    let model = try ModelFile.read(request.model)
    let description: NNUNetDescription?
    do {
      description = try NNUNetDescription(model.plan, weights: model.weights, file: model.path)
    } catch let error as ExportError where request.format == .onnx {
      // The model stands without nnU-Net's words for it.
      console.tell("without dataset.json and plans.json: \(error.description)")
      (description, files) = (nil, [files[0]])
    }
    if !request.force, let found = files.first(where: { FileManager.default.fileExists(atPath: $0) }) {
      throw FileError.alreadyExists(path: found)
    }
    for file in files { try OutputCheck.writable(file) }
    let folder = (files[0] as NSString).deletingLastPathComponent
    if !folder.isEmpty { try Folder.make(folder) }
    if request.format == .onnx { try onnx(model, request).write(to: files[0]) }
    if let description {
      if request.format == .nnunet {
        try SafetensorsFile(
          tensors: description.namedTensors(),
          metadata: ["format": "pt", "producer": "segfed \(request.version)"]
        ).write(to: files[0])
      }
      try AtomicFile.write(description.dataset().rendered(), to: files[1])
      try AtomicFile.write(description.plans().rendered(), to: files[2])
    }
    if console.isJSON {
      console.print(
        JSONValue.object([
          ("format", .string(request.format.rawValue)), ("parameters", .integer(model.weights.count)),
          ("files", .array(files.map { .string($0) })),
        ]).rendered())
    } else {
      for file in files { console.print(file) }
    }
    return files
  }

  /// The model's file, `dataset.json` and `plans.json`.
  private static func files(_ request: Request) throws -> [String] {
    switch request.format {
    case .onnx:
      guard request.output.lowercased().hasSuffix(".onnx") else {
        throw ExportError.outputName(path: request.output, format: "onnx", expected: "one ending in .onnx")
      }
      let folder = (request.output as NSString).deletingLastPathComponent
      let prefix = folder.isEmpty ? "" : folder + "/"
      return [request.output, prefix + "dataset.json", prefix + "plans.json"]
    case .nnunet:
      if FileManager.default.fileExists(atPath: request.output), !Folder.exists(request.output) {
        throw ExportError.outputName(path: request.output, format: "nnunet", expected: "a folder")
      }
      return ["model.safetensors", "dataset.json", "plans.json"].map { request.output + "/" + $0 }
    }
  }

  private static func onnx(_ model: ModelFile, _ request: Request) throws -> ONNXModel {
    let plan = model.plan
    let axes = plan.dimensions == 2 ? "height, width" : "depth, height, width"
    let outputs =
      plan.targets == .labels
      ? "labels \(plan.labels.map { "\($0.value) \($0.name)" }.joined(separator: ", "))"
      : "regions \(plan.regions.map(\.name).joined(separator: ", "))"
    let empty = ONNXModel(
      name: plan.name, version: request.version,
      description:
        "image (batch, contrasts, \(axes)): contrasts \(plan.contrasts.joined(separator: ", ")), turned to "
        + "RAS, \(plan.harmonisation.summary). logits and probabilities: \(outputs).",
      metadata: try ModelFile.metadata(plan))
    return ONNXNetwork.model(
      plan.architecture, weights: model.weights,
      grid: Array(plan.patch.prefix(plan.dimensions).reversed()),
      activation: plan.targets == .labels ? .softmax : .sigmoid, into: empty)
  }
}
