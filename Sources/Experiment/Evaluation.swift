import Adversary
import Coordinator
import Foundation
import Foundations
import Imaging
import Metrics
import Reporting
import Site
import Study
import Training

/// `segfed evaluate`: predictions or a model against references, as the table that training prints.
package enum Evaluation {
  package enum Source: Sendable, Equatable {
    /// Label maps laid out as the data: `<site>/<case>/<case>_seg`, or all in one folder.
    case predictions(String)
    /// Model files or run folders, or the `sites` folder of a run; several models are an ensemble. After a local run each site
    /// is scored with its own model.
    case models([String])
  }

  package struct Request: Sendable {
    package var source: Source
    package var data: String
    /// nil: the layout that the data looks like.
    package var layout: DatasetLayout?
    package var output: String
    package var threads: Int
    package var policy = CasePolicy.strict
    /// What of the plan's window step and mirroring is to be otherwise.
    package var inference = InferenceChoice()
    /// A backdoor whose trigger every case is given before a model predicts it.
    package var trigger: Backdoor?
    /// What is taken out of a model's label maps before they are scored.
    package var cleanup = LabelCleanup()
    package var force = false
    /// Folder of harmonised cases; nil keeps none.
    package var cache: String?
    package var metrics = MetricSettings()
    /// The study whose cohort is scored, by its rules; a model of another one is refused.
    package var study: LockedStudy?
    package var leastCell = StudyCheck.leastCell
    /// Cases that are not scored.
    var excluded: Set<CaseName> = []

    package init(source: Source, data: String, output: String, threads: Int) {
      self.source = source
      self.data = data
      self.output = output
      self.threads = threads
    }
  }

  /// Scores every case of every site and writes `sites/<name>/metrics.csv`, `metrics.csv` and, last, `metrics.json`.
  ///
  /// Output, references and predictions are looked for before anything is scored. Throws the modules'
  /// described errors, and `StoppedByUser`.
  @discardableResult
  package static func execute(_ request: Request, console: Console) throws -> ScoreReport {
    try checkAvailable(request)
    try OutputCheck.writable(request.output + "/metrics.json")
    return try scored(request, console: console).report
  }

  /// The same: each site's scores, and cases that were left out.
  static func scores(
    _ request: Request, console: Console
  ) throws -> (tests: [SiteScores], skipped: [SkippedCase]) {
    try checkAvailable(request)
    let found = try scored(request, console: console)
    return (found.tests, found.skipped)
  }

  private static func scored(
    _ request: Request, console: Console
  ) throws -> (report: ScoreReport, tests: [SiteScores], skipped: [SkippedCase]) {
    let skipped = SkippedCases(allowed: request.policy.skipsBadCases)
    let cohorts = try cohorts(request, console: console)
    let found = try DatasetFolder.discover(
      request.data, layout: request.layout, requireLabels: true, skipping: skipped,
      excluding: request.excluded.union(cohorts.flatMap(\.excluded)))
    if case .models(let paths) = request.source, !request.policy.allowsDuplicates {
      try TrainedCases(runs: paths).refuse(found, loop: ParallelLoop(threads: request.threads))
    }
    let scorer = try scorer(request, data: found, skipping: skipped)
    let data = found.without(skipped)
    let progress = console.progress("scoring", total: data.sites.reduce(0) { $0 + $1.cases.count })
    defer { progress.finish() }
    var tests: [SiteScores] = []
    var perCase: [String: [CaseScore]] = [:]
    for site in data.sites {
      let scores = try scorer.score(site, progress)
      perCase[site.name] = scores
      let evaluation = scorer.scores.evaluation(scores, part: .test, seconds: 0)
      tests.append(try SiteScores(evaluation, expecting: .test, site: site.name, round: 0))
    }
    progress.finish()
    let report = ScoreReport(
      tests, steps: [:], regions: scorer.scores.regions, metrics: scorer.scores.settings,
      model: scorer.title)
    let folder = try makeFolder(request)
    for site in data.sites {
      try folder.makeSiteFolder(site.name)
      try AtomicFile.write(
        scorer.scores.csv(perCase[site.name] ?? []),
        to: folder.site(site.name) + "/metrics.csv")
    }
    for site in data.sites {
      try folder.write(skipped.cases.filter { $0.site == site.name }, of: site.name)
    }
    try folder.write(cohorts)
    let document = MetricsDocument(
      mode: "evaluate", scores: report, study: request.study?.digest, bandwidth: nil,
      skipped: skipped.cases.counts)
    let json = document.json().rendered()
    try AtomicFile.write(report.csv(), to: folder.path + "/metrics.csv")
    try AtomicFile.write(json, to: folder.metrics)
    console.print(console.isJSON ? json : report.text() + (document.skipped.text.map { $0 + "\n" } ?? ""))
    return (report, tests, skipped.cases)
  }

  /// Which cases are in the study; none without one. Throws `StudyError.mismatches`.
  private static func cohorts(_ request: Request, console: Console) throws -> [SiteCheck] {
    guard let study = request.study else { return [] }
    let checks = try StudyRun.checks(
      study, data: request.data, layout: request.layout, site: nil, leastCell: request.leastCell,
      looks: true, skipsBadCases: request.policy.skipsBadCases, loop: ParallelLoop(threads: request.threads),
      console: console)
    try StudyRun.refuse(checks, study)
    return checks
  }

  private static let stopped = StoppedByUser(kept: "Nothing was written.")

  /// An evaluation has no `config.yaml`: what `--force` may replace is told by `metrics.json`.
  private static func checkAvailable(_ request: Request) throws {
    let found = Set((try? FileManager.default.contentsOfDirectory(atPath: request.output)) ?? [])
    if found.isEmpty { return }
    guard request.force else { throw FileError.alreadyExists(path: request.output) }
    guard found.contains("metrics.json") && !found.contains("config.yaml") else {
      throw ExperimentError.evaluationNotOurs(path: request.output)
    }
  }

  private static func makeFolder(_ request: Request) throws -> RunFolder {
    try checkAvailable(request)
    for name in ["metrics.json", "metrics.csv", "sites", "coordinator"] {
      try? FileManager.default.removeItem(atPath: request.output + "/" + name)
    }
    return try RunFolder.create(request.output, force: false)
  }

  private struct Scorer {
    let scores: CaseScores
    let title: String
    let score: (SiteFolder, ProgressLine) throws -> [CaseScore]
  }

  private static func scorer(
    _ request: Request, data: DatasetFolder, skipping skipped: SkippedCases
  ) throws -> Scorer {
    let loop = ParallelLoop(threads: request.threads)
    switch request.source {
    case .models(let paths):
      return try modelScorer(paths, request, data: data, skipping: skipped, loop: loop)
    case .predictions(let path):
      return try predictionScorer(path, request, data: data, skipping: skipped, loop: loop)
    }
  }

  private static func modelScorer(
    _ paths: [String], _ request: Request, data: DatasetFolder, skipping skipped: SkippedCases,
    loop: ParallelLoop
  ) throws -> Scorer {
    let models = try ModelFile.ensembles(paths, sites: data.sites.map(\.name))
    guard let plan = models.first?.first?.plan else { throw ExperimentError.noModel(path: paths[0]) }
    if let study = request.study,
      let other = models.flatMap({ $0 }).first(where: { $0.study != study.digest })
    {
      throw StudyError.otherStudy(path: other.path, found: other.study, expected: study.digest)
    }
    let predictors = try Predictors(models.flatMap { $0 }, inference: request.inference, loop: loop)
    let found = CaseScores(regions: plan.regions, labels: plan.labels, settings: request.metrics)
    let title = (paths.count == 1 ? "model " : "models ") + paths.joined(separator: ", ")
    return Scorer(scores: found, title: title) { site, progress in
      guard let index = data.sites.firstIndex(where: { $0.name == site.name }) else {
        preconditionFailure("a site of the data")
      }
      let predictor = predictors.predictor(of: models[index])
      var reading = CaseReading(plan: predictor.plan, loop: loop)
      reading.policy = request.policy
      reading.cache = request.cache
      var scores: [CaseScore] = []
      for files in site.cases {
        let item = try skipped.attempt(site: site.name, name: files.name) {
          try reading.prepare(files, site: site.name, needsLabels: true, loop: loop)
        }
        if var item {
          if let trigger = request.trigger { item = item.with(trigger.stamped(item.harmonized)) }
          guard
            let score = try found.score(
              [item], predictor: predictor, cleanup: request.cleanup, loop: loop)
          else { throw stopped }
          scores += score
        }
        progress.advance(note: site.name)
      }
      return scores
    }
  }

  private static func predictionScorer(
    _ path: String, _ request: Request, data: DatasetFolder, skipping skipped: SkippedCases,
    loop: ParallelLoop
  ) throws -> Scorer {
    let fingerprint = try DataFingerprint.of(data, skipping: skipped, loop: loop)
    let labels = request.study?.file.labels ?? PlanFile.labels(of: fingerprint)
    let regions = request.study?.file.regions ?? PlanFile.regions(of: labels, in: fingerprint)
    guard !regions.isEmpty else { throw ExperimentError.noForeground(path: data.sites[0].path) }
    for site in data.sites {
      for files in site.cases {
        try skipped.attempt(site: site.name, name: files.name) {
          _ = try prediction(of: files, site: site.name, in: path)
        }
      }
    }
    let found = CaseScores(
      regions: regions, labels: labels, settings: request.metrics.withoutProbabilities)
    return Scorer(scores: found, title: "predictions in \(path)") { site, progress in
      try loop.map(site.cases.count) { index -> CaseScore? in
        if Interruption.isRequested { throw stopped }
        let files = site.cases[index]
        defer { progress.advance(note: site.name) }
        return try skipped.attempt(site: site.name, name: files.name) {
          try score(files, site: site.name, predictions: path, found)
        }
      }.compactMap { $0 }
    }
  }

  /// The file that predicts a case. Throws `ExperimentError.noPrediction`.
  static func prediction(
    of files: CaseFiles, site: String, in predictions: String
  ) throws -> String {
    let suffix = CaseFiles.labelExtension(like: files.images[0].path)
    let name = files.name + "_seg"
    let candidates = [
      "\(predictions)/\(site)/\(files.name)/\(name)", "\(predictions)/\(site)/\(name)",
      "\(predictions)/\(files.name)/\(name)", "\(predictions)/\(name)",
    ].flatMap { [$0 + suffix, $0 + ".nii"] }
    guard let path = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw ExperimentError.noPrediction(
        path: predictions, expected: "\(site)/\(files.name)/\(name)\(suffix)")
    }
    return path
  }

  private static func score(
    _ files: CaseFiles, site: String, predictions: String, _ scores: CaseScores
  ) throws -> CaseScore {
    guard let label = files.label else { throw PreparationError.noLabels(path: files.name, name: files.name) }
    let path = try prediction(of: files, site: site, in: predictions)
    let reference = try CaseLoader.readLabels(label)
    let prediction = try CaseLoader.readLabels(path)
    try CaseCheck.sameGrid(prediction.geometry, path, as: reference.geometry, label)
    // Cases are scored side by side, each on one thread.
    return scores.score(files.name, prediction: prediction, reference: reference, loop: .serial)
  }
}
