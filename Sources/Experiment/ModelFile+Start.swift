import Export
import Foundation
import Foundations
import Interchange
import Study
import Training

extension ModelFile {
  /// The weights that `--init` names: those of a model of the plan's network, or a safetensors file with nnU-Net's names for it
  /// (`segfed export --format nnunet`, or `safetensors.torch.save_model` of a network of nnU-Net's).
  ///
  /// Throws as `read`, `.modelMismatch`, `StudyError.otherStudy`, and `ExportError.tensor`.
  static func startingWeights(_ path: String, plan: TrainingPlan, study: String? = nil) throws -> [Float] {
    if Folder.exists(path) || !FileManager.default.fileExists(atPath: path) {
      return try read(path).weights(startingAs: plan, study: study)
    }
    let content = try SafetensorsFile.read(path)
    if content.metadata["plan"] == nil, hasNNUNetNames(content) {
      return try NNUNetWeights.read(content, path: path, for: plan.architecture)
    }
    return try ModelFile(content, file: path, named: path).weights(startingAs: plan, study: study)
  }

  /// A model of no study may start one; that of another study, or of one where there is none now, may not.
  private func weights(startingAs plan: TrainingPlan, study wanted: String?) throws -> [Float] {
    if let wanted, let study, study != wanted {
      throw StudyError.otherStudy(path: path, found: study, expected: wanted)
    }
    guard self.plan.architecture == plan.architecture else {
      throw ExperimentError.modelMismatch(
        path: path, found: self.plan.networkSummary, expected: plan.networkSummary)
    }
    // In another order each channel would get another contrast's weights.
    guard self.plan.contrasts == plan.contrasts else {
      throw ExperimentError.modelMismatch(
        path: path, found: "the contrasts \(self.plan.contrasts.joined(separator: ", "))",
        expected: "the contrasts \(plan.contrasts.joined(separator: ", "))")
    }
    return weights
  }

  private static func hasNNUNetNames(_ content: SafetensorsFile) -> Bool {
    content.tensors.contains { $0.name.hasPrefix("decoder.seg_layers.") }
  }
}
