import Foundation
import Foundations
import Imaging
import Reporting
import Training

/// `segfed predict`: label maps for scans, each in its scan's own grid, orientation and header geometry.
package enum Prediction {
  package struct Request: Sendable, Equatable {
    /// A model file or run folder.
    package var model: String
    /// A scan, a case folder, or a folder of cases or sites.
    package var input: String
    package var output: String
    /// nil: the layout that a folder looks like.
    package var layout: DatasetLayout?
    package var threads: Int
    /// A tuning table (`TuningTable`).
    package var tuning: String?
    /// A case that fails a check is left out and reported.
    package var skipsBadCases = false
    package var force = false

    package init(model: String, input: String, output: String, threads: Int) {
      self.model = model
      self.input = input
      self.output = output
      self.threads = threads
    }
  }

  /// Predicts every case and returns the files written.
  ///
  /// All inputs' headers, models and output folders are checked before one is written. A local run predicts
  /// each site with the site's own model. Throws the modules' described errors, and `StoppedByUser`; label
  /// maps written before an error are whole.
  @discardableResult
  package static func execute(_ request: Request, console: Console) throws -> [String] {
    let skipped = SkippedCases(allowed: request.skipsBadCases)
    let jobs = try jobs(request, skipping: skipped).filter { job in
      try skipped.attempt(site: job.site, name: job.files.name) { try check(job, force: request.force) }
        != nil
    }
    guard !jobs.isEmpty else { throw ExperimentError.nothingToPredict(path: request.input) }
    let loop = ParallelLoop(threads: request.threads)
    let plan = jobs[0].model.plan
    let tuning = try request.tuning.map { try TuningTable.read($0) }
    if let tuning, let file = request.tuning { try tuning.checkServes(plan, isTraining: false, file: file) }
    let pool = NetworkPool(plan.architecture, loop: loop, choice: tuning?.choice)
    // The models of one run share their plan.
    try PlanError.naming(jobs[0].model.path) { try pool.checkPrediction(plan) }
    let progress = console.progress("predicting", total: jobs.count)
    defer { progress.finish() }
    var written: [String] = []
    for job in jobs {
      try Interruption.check(kept: "\(written.count) of \(jobs.count) label maps are written, and whole.")
      let predictor = Predictor(plan: job.model.plan, weights: job.model.weights, pool: pool)
      let labels = try skipped.attempt(site: job.site, name: job.files.name) {
        try predictor.predict(job.files)
      }
      if let labels {
        try makeFolder(of: job.output)
        try write(labels, of: job.files, to: job.output)
        written.append(job.output)
      }
      progress.advance(note: job.files.name)
    }
    progress.finish()
    show(written, skipped: skipped.cases, console: console)
    return written
  }

  private struct Job {
    /// For messages; empty for a scan or case by itself.
    let site: String
    let files: CaseFiles
    let model: ModelFile
    let output: String
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

  /// What to predict with which model, and where each label map goes.
  private static func jobs(_ request: Request, skipping skipped: SkippedCases) throws -> [Job] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: request.input, isDirectory: &isFolder) else {
      throw FileError.notFound(path: request.input)
    }
    if !isFolder.boolValue {
      let model = try ModelFile.read(request.model)
      let files = try singleScan(request.input, plan: model.plan)
      let output = file(request.output, named: files.name, like: request.input)
      return [Job(site: "", files: files, model: model, output: output)]
    }
    if let files = try DatasetFolder.caseFolder(request.input) {
      let output = file(request.output, named: files.name, like: files.images[0].path)
      return [Job(site: "", files: files, model: try ModelFile.read(request.model), output: output)]
    }
    let data = try DatasetFolder.discover(
      request.input, layout: request.layout, requireLabels: false, skipping: skipped)
    guard !data.sites.isEmpty else { throw ExperimentError.nothingToPredict(path: request.input) }
    let models = try ModelFile.ofRun(request.model, sites: data.sites.map(\.name))
    return try data.sites.flatMap { site in
      guard let model = models[site.name] else {
        throw ExperimentError.noModelOfSite(path: request.model, site: site.name)
      }
      return site.cases.map { files in
        let path = "\(request.output)/\(site.name)/\(files.name)/\(files.name)_seg"
        let output = path + CaseFiles.labelExtension(like: files.images[0].path)
        return Job(site: site.name, files: files, model: model, output: output)
      }
    }
  }

  private static func singleScan(_ path: String, plan: TrainingPlan) throws -> CaseFiles {
    var contrast = plan.contrasts[0]
    let colours = ["r", "g", "b"]
    // A picture in colour is one file of three contrasts.
    if plan.contrasts.count == 3, contrast.hasSuffix(".r"),
      plan.contrasts == colours.map({ contrast.dropLast(2) + "." + $0 })
    {
      contrast = String(contrast.dropLast(2))
    } else if plan.contrasts.count != 1 {
      throw ExperimentError.severalContrasts(path: path, expected: plan.contrasts)
    }
    let image = CaseFiles.Image(contrast: contrast, path: path)
    return CaseFiles(name: CaseFiles.stem(of: path), images: [image], label: nil)
  }

  /// The output itself where it names a file, else `<output>/<name>_seg`.
  private static func file(_ output: String, named name: String, like scan: String) -> String {
    for suffix in [".nii.gz", ".nii", ".png"] where output.lowercased().hasSuffix(suffix) { return output }
    return "\(output)/\(name)_seg" + CaseFiles.labelExtension(like: scan)
  }

  /// What can be known of a job before any work: headers, contrasts, and that its output can be written.
  private static func check(_ job: Job, force: Bool) throws {
    let isPicture = PNG.isNamed(job.files.images[0].path)
    guard PNG.isNamed(job.output) == isPicture else {
      throw ExperimentError.outputKind(
        path: job.output, scan: job.files.images[0].path, expected: isPicture ? ".png" : ".nii.gz or .nii")
    }
    if FileManager.default.fileExists(atPath: job.output) && !force {
      throw FileError.alreadyExists(path: job.output)
    }
    try OutputCheck.writable(job.output)
    var found: [String] = []
    for image in job.files.images {
      if !isPicture { _ = try NIfTI.header(image.path) }
      found += try CaseLoader.contrastNames(of: image)
    }
    if let missing = job.model.plan.contrasts.first(where: { !found.contains($0) }) {
      throw PreparationError.noContrast(path: job.files.images[0].path, contrast: missing, found: found)
    }
  }

  private static func makeFolder(of file: String) throws {
    let folder = (file as NSString).deletingLastPathComponent
    if !folder.isEmpty { try Folder.make(folder) }
  }

  private static func write(_ labels: LabelVolume, of files: CaseFiles, to path: String) throws {
    if PNG.isNamed(path) {
      try PNG.write(labels, to: path, style: .palette)
      return
    }
    var options = NIfTIWriteOptions.labels(of: labels)
    options.geometry = try NIfTI.header(files.images[0].path)
    try NIfTI.write(labels, to: path, options: options)
  }
}

extension CaseFiles {
  /// A scan's file name without folder and extension.
  static func stem(of path: String) -> String {
    var name = (path as NSString).lastPathComponent
    for suffix in [".gz", ".nii", ".hdr", ".img", ".png"] where name.lowercased().hasSuffix(suffix) {
      name = String(name.dropLast(suffix.count))
    }
    return name
  }

  /// Label maps are written as the scans are: PNG beside PNG, else compressed NIfTI.
  static func labelExtension(like scan: String) -> String {
    PNG.isNamed(scan) ? ".png" : ".nii.gz"
  }
}
