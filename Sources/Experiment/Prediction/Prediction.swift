import Foundation
import Foundations
import Imaging
import Reporting
import Training

/// `segfed predict`: label maps for scans, each in its scan's own grid, orientation and header geometry.
package enum Prediction {
  package struct Request: Sendable, Equatable {
    /// Model files or run folders, or the `sites` folder of a run; several models are an ensemble.
    package var models: [String]
    /// A scan, a case folder, or a folder of cases or sites.
    package var input: String
    package var output: String
    /// nil: the layout that a folder looks like.
    package var layout: DatasetLayout?
    package var threads: Int
    /// A tuning table (`TuningTable`).
    package var tuning: String?
    /// What of the plan's window step and mirroring is to be otherwise.
    package var inference = InferenceChoice()
    package var cleanup = LabelCleanup()
    package var maps = PredictionMaps.Kinds()
    /// A case that fails a check is left out and reported.
    package var skipsBadCases = false
    package var force = false

    package init(models: [String], input: String, output: String, threads: Int) {
      self.models = models
      self.input = input
      self.output = output
      self.threads = threads
    }
  }

  /// Predicts every case and returns the files written.
  ///
  /// All inputs' headers, models and output folders are checked before one is written. A local run predicts
  /// each site with the site's own model. Throws the modules' described errors, and `StoppedByUser`, between two windows;
  /// files written before an error are whole.
  @discardableResult
  package static func execute(_ request: Request, console: Console) throws -> [String] {
    let skipped = SkippedCases(allowed: request.skipsBadCases)
    let jobs = try PredictionJob.all(request, skipping: skipped).filter { job in
      try skipped.attempt(site: job.site, name: job.files.name) { try job.check(request) } != nil
    }
    guard !jobs.isEmpty else { throw ExperimentError.nothingToPredict(path: request.input) }
    let loop = ParallelLoop(threads: request.threads)
    let predictors = try Predictors(
      jobs.flatMap(\.models), tuning: request.tuning, inference: request.inference, loop: loop)
    for job in jobs {
      try Predictor.checkMemory(job.files, plans: job.models.map(\.plan), loop: loop)
    }
    let progress = WindowProgress(console.progress("predicting", total: jobs.count), cases: jobs.count)
    defer { progress.finish() }
    var written: [String] = []
    for (index, job) in jobs.enumerated() {
      func check() throws {
        try Interruption.check(
          kept: "\(index - skipped.cases.count) of \(jobs.count) label maps are written, and whole.")
      }
      try check()
      let files = try skipped.attempt(site: job.site, name: job.files.name) {
        try predict(
          job, with: predictors.predictor(of: job.models), request,
          progress: progress.ofCase(index, name: job.files.name, check: check))
      }
      written += files ?? []
      progress.endCase()
    }
    progress.finish()
    show(written, skipped: skipped.cases, console: console)
    return written
  }

  /// Predicts one case and returns the files written, the label map last.
  private static func predict(
    _ job: PredictionJob, with predictor: Predictor, _ request: Request, progress: Predictor.Progress
  ) throws -> [String] {
    let plan = predictor.plan
    let loop = ParallelLoop(threads: request.threads)
    let item = try PreparedCase(job.files, plan: plan, needsLabels: false, loop: loop).harmonized
    let folder = (job.output as NSString).deletingLastPathComponent
    if !folder.isEmpty { try Folder.make(folder) }
    let maps =
      try request.maps.isEmpty ? nil : PredictionMaps(request.maps, item, plan: plan, beside: job.output)
    let labels = request.cleanup.applied(
      to: try predictor.predict(item, maps: maps, progress: progress), plan: plan, loop: loop)
    var written = try maps?.write(job.files, labels: labels, loop: loop) ?? []
    try job.write(labels)
    written.append(job.output)
    return written
  }

  private static func show(_ written: [String], skipped: [SkippedCase], console: Console) {
    if console.isJSON {
      let left = skipped.map {
        JSONValue.object([("case", .string($0.name)), ("reason", .string($0.reason))])
      }
      console.print(
        JSONValue.object([
          ("predictions", .array(written.map { .string($0) })), ("skipped", .array(left)),
        ]).rendered())
    } else {
      for path in written { console.print(path) }
      for item in skipped { console.print("left out: \(item.reason)") }
    }
  }
}
