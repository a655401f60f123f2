import Experiment
import Foundation
import Foundations

/// A cross-validation as its folder tells it: `segfed loso`, `segfed kfold`.
struct RecordedFolds {
  let path: String
  let configuration: RunConfiguration
  /// Whether sites were left out, one a fold; else parts of each site's cases.
  let leavesSitesOut: Bool
  /// nil while it is not over.
  let scores: RecordedScores?
  /// By name: the held-out site's, or `fold-1` and so on.
  let folds: [RecordedRun]

  /// Throws as `RecordedRun` does.
  init(_ path: String) throws {
    self.path = path
    configuration = try RunConfiguration.read(RunFolder(path: path).configuration)
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path + "/folds")) ?? []).sorted()
      .filter { FileManager.default.fileExists(atPath: "\(path)/folds/\($0)/config.yaml") }
    folds = try names.map { try RecordedRun("\(path)/folds/\($0)") }
    leavesSitesOut = folds.contains { $0.configuration.holdOut != nil }
    scores = try RecordedScores(
      path, document: leavesSitesOut ? "loso.json" : "kfold.json",
      regions: configuration.plan.regions.map(\.name))
  }

  var name: String { URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent }
}
