import Coordinator
import Foundation
import Foundations
import Interchange
import Site
import Training
import Yams

/// A trained model on disk: weights in safetensors, the resolved plan in the file's metadata.
package struct ModelFile: Sendable {
  package let path: String
  package let plan: TrainingPlan
  /// The plan's parameters in their layout's order.
  package let weights: [Float]
  /// SHA-256 of the study that it was trained in; nil: in none.
  package let study: String?

  package static let schemaVersion = "1"

  /// Metadata that makes a model file complete by itself.
  package static func metadata(_ plan: TrainingPlan, study: String? = nil) throws -> [String: String] {
    var metadata = [
      "format": "segfed", "schema_version": schemaVersion, "plan": try YAMLEncoder().encode(plan),
    ]
    metadata["study_sha256"] = study
    return metadata
  }

  /// Writes weights with the plan that they belong to, atomically. Throws `FileError.notWritable`.
  static func write(_ weights: [Float], plan: TrainingPlan, study: String? = nil, to path: String) throws {
    let tensors = ModelState(ranges: plan.tensorRanges, values: weights).tensors
    try SafetensorsFile(tensors: tensors, metadata: metadata(plan, study: study)).write(to: path)
  }

  /// Reads a model file, or the model of a run folder. Throws `FileError`, `InterchangeError`, `ExperimentError`.
  package static func read(_ path: String) throws -> ModelFile {
    guard FileManager.default.fileExists(atPath: path) else { throw FileError.notFound(path: path) }
    let file = Folder.exists(path) ? RunFolder(path: path).coordinator + "/model.safetensors" : path
    guard FileManager.default.fileExists(atPath: file) else {
      throw isLocalRun(path) ? ExperimentError.localRun(path: path) : ExperimentError.noModel(path: path)
    }
    return try ModelFile(SafetensorsFile.read(file), file: file, named: path)
  }

  /// `content` is what was read from `file`, which a person named by `path`. Throws `InterchangeError`, `ExperimentError`.
  init(_ content: SafetensorsFile, file: String, named path: String) throws {
    if let found = content.metadata["schema_version"], found != Self.schemaVersion {
      throw ExperimentError.modelSchema(path: file, found: found, expected: Self.schemaVersion)
    }
    guard let text = content.metadata["plan"],
      let plan = try? YAMLDecoder().decode(TrainingPlan.self, from: text)
    else { throw ExperimentError.noModel(path: path) }
    try PlanError.naming(file) { try plan.validate(file: file) }
    self.path = file
    self.plan = plan
    study = content.metadata["study_sha256"]
    weights = try Self.weights(content, plan: plan, path: file)
  }

  /// The models of a run: each site's own (a run's last test used it), or the coordinator's at a site that was not in the run.
  package static func ofRun(_ path: String, sites: [String]) throws -> [String: ModelFile] {
    let folder = RunFolder(path: path)
    if !Folder.exists(path) {
      let model = try read(path)
      return Dictionary(uniqueKeysWithValues: sites.map { ($0, model) })
    }
    let common =
      FileManager.default.fileExists(atPath: folder.coordinator + "/model.safetensors") ? try read(path) : nil
    var models: [String: ModelFile] = [:]
    for site in sites {
      let file = folder.site(site) + "/model.safetensors"
      let own = FileManager.default.fileExists(atPath: file) ? try read(file) : nil
      // Where a strategy leaves a site nothing of its own, one copy of the weights is enough for all.
      guard let model = own?.weights == common?.weights ? common : own ?? common else {
        throw FileManager.default.fileExists(atPath: folder.path + "/sites")
          ? ExperimentError.noModelOfSite(path: path, site: site) : ExperimentError.noModel(path: path)
      }
      models[site] = model
    }
    return models
  }

  /// Whether a run folder holds models of sites: a local run.
  private static func isLocalRun(_ path: String) -> Bool {
    !RunFolder(path: path).sitesWithModels.isEmpty
  }

  /// The weights, if tensors and shapes are the plan's.
  private static func weights(
    _ content: SafetensorsFile, plan: TrainingPlan, path: String
  ) throws -> [Float] {
    let entries = plan.architecture.parameterLayout.entries
    guard content.tensors.count == entries.count else {
      throw ExperimentError.modelMismatch(
        path: path, found: "\(content.tensors.count) tensors", expected: "\(entries.count)")
    }
    var values: [Float] = []
    for entry in entries {
      guard let tensor = content.tensors.first(where: { $0.name == entry.name }), tensor.shape == entry.shape
      else {
        let shape = content.tensors.first { $0.name == entry.name }?.shape
        throw ExperimentError.modelMismatch(
          path: path, found: shape.map { "\(entry.name) \($0)" } ?? "no \(entry.name)",
          expected: "\(entry.name) \(entry.shape)")
      }
      values += tensor.values
    }
    return values
  }
}
