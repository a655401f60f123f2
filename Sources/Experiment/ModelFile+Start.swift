import Export
import Foundation
import Foundations
import Interchange
import Training

extension ModelFile {
  /// The weights that `--init` names: those of a model of the plan's network, or a safetensors file with nnU-Net's names for it
  /// (`segfed export --format nnunet`, or `safetensors.torch.save_model` of a network of nnU-Net's).
  ///
  /// Throws as `read`, `.modelMismatch`, and `ExportError.tensor`.
  static func startingWeights(_ path: String, plan: TrainingPlan) throws -> [Float] {
    if let file = try nnunetFile(path) {
      return try NNUNetWeights.read(file, path: path, for: plan.architecture)
    }
    let model = try read(path)
    guard model.plan.architecture == plan.architecture else {
      throw ExperimentError.modelMismatch(
        path: model.path, found: model.plan.networkSummary, expected: plan.networkSummary)
    }
    return model.weights
  }

  /// A file whose tensors have nnU-Net's names; nil for anything else.
  private static func nnunetFile(_ path: String) throws -> SafetensorsFile? {
    guard FileManager.default.fileExists(atPath: path), !Folder.exists(path) else { return nil }
    let file = try SafetensorsFile.read(path)
    let isNamed = file.tensors.contains { $0.name.hasPrefix("decoder.seg_layers.") }
    return isNamed && file.metadata["plan"] == nil ? file : nil
  }
}
