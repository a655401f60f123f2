import Coordinator
import Foundation
import Foundations
import Imaging
import Metrics

/// Test cases that lie apart from a run's data (`--test`): listed when the run begins, read when its models are final.
///
/// No choice can touch them: plan, atlas, splits, early stopping and the model's choice are made before any file of theirs is opened
/// (but for what looks like a copy of a training case: that one is compared).
enum FrozenTest {
  struct Scores: Sendable {
    let tests: [SiteScores]
    /// Test cases that failed a check and were left out.
    let skipped: [SkippedCase]
  }

  /// Looks at names and sizes. Throws what listing does, `ExperimentError.unknownSite` where a site has no model, and
  /// `ExperimentError.duplicates` where a case's files are those of one that the run trains on, or copies.
  static func check(
    _ path: String, _ request: RunRequest, data: DatasetFolder
  ) throws {
    let found = try DatasetFolder.discover(
      path, layout: request.layout, requireLabels: request.study == nil && !request.policy.skipsBadCases,
      skipping: SkippedCases(allowed: request.policy.skipsBadCases))
    let known = data.sites.map(\.name)
    if request.mode == .local, let other = found.sites.first(where: { !known.contains($0.name) }) {
      throw ExperimentError.unknownSite(data: path, found: other.name, known: known)
    }
    let trained = data.sites.flatMap { site in site.cases.map { (name: "\(site.name)/\($0.name)", case: $0) }
    }
    var files: [String: String] = [:]
    for item in trained {
      for file in item.case.imagePaths { files[Folder.place(file)] = item.name }
    }
    let sizes = Dictionary(grouping: trained) { bytes(of: $0.case) }
    for site in found.sites {
      for item in site.cases {
        let copied = (sizes[bytes(of: item)] ?? []).first { hasSameFiles($0.case, item) }?.name
        guard let first = item.imagePaths.compactMap({ files[Folder.place($0)] }).first ?? copied else {
          continue
        }
        throw ExperimentError.duplicates(
          first: "\(first) (training)", second: "\(site.name)/\(item.name) (test)")
      }
    }
  }

  private static func bytes(of item: CaseFiles) -> [Int] {
    item.imagePaths.map {
      (try? FileManager.default.attributesOfItem(atPath: Folder.place($0))[.size] as? Int) ?? 0
    }
  }

  /// Looks into files for none but a case whose files have as many bytes as those of the other.
  private static func hasSameFiles(_ first: CaseFiles, _ second: CaseFiles) -> Bool {
    zip(first.imagePaths, second.imagePaths).allSatisfy {
      FileManager.default.contentsEqual(atPath: Folder.place($0), andPath: Folder.place($1))
    }
  }

  /// Scores a finished run's models; each case's metrics lie at its site in the run then.
  ///
  /// Throws what evaluation does: among it `ExperimentError.duplicates` where a scan holds what one that was trained on does.
  static func scores(_ request: RunRequest, path: String, console: Console) throws -> Scores {
    let run = RunFolder(path: request.output)
    let output = run.path + "/.test"
    defer { try? FileManager.default.removeItem(atPath: output) }
    try? FileManager.default.removeItem(atPath: output)
    var evaluation = Evaluation.Request(
      source: .models([run.path]), data: path, output: output, threads: request.threads)
    evaluation.layout = request.layout
    evaluation.policy = request.policy
    evaluation.metrics = request.metrics
    evaluation.study = request.study
    evaluation.leastCell = request.leastCell
    let (scores, skipped) = try Evaluation.scores(evaluation, console: console.ofProgress)
    for site in scores {
      let file = "/sites/\(site.site)/metrics.csv"
      guard let data = FileManager.default.contents(atPath: output + file) else { continue }
      try run.makeSiteFolder(site.site)
      try AtomicFile.write(data, to: run.path + file)
    }
    for site in Set(skipped.map(\.site)).sorted() {
      try run.makeSiteFolder(site)
      try run.write(skipped.filter { $0.site == site }, of: site)
    }
    return Scores(tests: scores, skipped: skipped)
  }
}
