import Foundation
import Foundations
import Training

extension ModelFile {
  /// The models that `--model` names together: files, run folders, or a run's `sites` folder with a model in each of its folders.
  ///
  /// Throws what `read` throws, and `ExperimentError.ensemble` where two plans cannot be averaged.
  package static func ensemble(_ paths: [String]) throws -> [ModelFile] {
    try agreeing(paths.flatMap { try members(of: $0) })
  }

  /// The models for each of the sites: a local run gives each site its own.
  package static func ensembles(_ paths: [String], sites: [String]) throws -> [[ModelFile]] {
    let runs = try paths.map { path -> [[ModelFile]] in
      if let folders = siteModels(in: path) {
        let models = try folders.map { try read($0) }
        return sites.map { _ in models }
      }
      let models = try ofRun(path, sites: sites)
      return try sites.map { site in
        guard let model = models[site] else {
          throw ExperimentError.noModelOfSite(path: path, site: site)
        }
        return [model]
      }
    }
    return try sites.indices.map { site in try agreeing(runs.flatMap { $0[site] }) }
  }

  private static func members(of path: String) throws -> [ModelFile] {
    try siteModels(in: path)?.map { try read($0) } ?? [read(path)]
  }

  /// The models in the folders of a folder, by name; nil for a file, a run folder, or where there are none.
  private static func siteModels(in path: String) -> [String]? {
    guard Folder.exists(path), !Folder.exists(path + "/coordinator"), !Folder.exists(path + "/sites") else {
      return nil
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
    let files = names.map { "\(path)/\($0)/model.safetensors" }
      .filter { FileManager.default.fileExists(atPath: $0) }
    return files.isEmpty ? nil : files
  }

  private static func agreeing(_ models: [ModelFile]) throws -> [ModelFile] {
    for model in models.dropFirst() {
      if let found = model.plan.disagreement(with: models[0].plan) {
        throw ExperimentError.ensemble(
          path: model.path, field: found.field, found: found.own, first: models[0].path,
          expected: found.others)
      }
    }
    return models
  }
}
