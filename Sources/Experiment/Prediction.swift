import Foundation
import Foundations
import Imaging
import Training

/// `segfed predict`: label maps for scans, each in its scan's own grid, orientation and header geometry.
package enum Prediction {
  package struct Request: Sendable, Equatable {
    /// A model file or run folder.
    package var model: String
    /// A scan, a case folder, or a folder of cases or sites.
    package var input: String
    package var output: String
    package var threads: Int
    package var force = false

    package init(model: String, input: String, output: String, threads: Int) {
      self.model = model
      self.input = input
      self.output = output
      self.threads = threads
    }
  }

  /// Predicts every case and returns the files written; all inputs are found, and the first checked, before one is written.
  ///
  /// Throws the modules' described errors; files written before an error are whole.
  @discardableResult
  package static func execute(_ request: Request, console: Console) throws -> [String] {
    let model = try ModelFile.read(request.model)
    let jobs = try jobs(request, plan: model.plan)
    for job in jobs where FileManager.default.fileExists(atPath: job.output) && !request.force {
      throw FileError.alreadyExists(path: job.output)
    }
    let pool = NetworkPool(model.plan.architecture, loop: ParallelLoop(threads: request.threads))
    let predictor = Predictor(plan: model.plan, weights: model.weights, pool: pool)
    let progress = console.progress("predicting", total: jobs.count)
    defer { progress.finish() }
    var written: [String] = []
    for job in jobs {
      if Interruption.isRequested {
        console.print("Stopped. \(written.count) of \(jobs.count) label maps are written and whole.")
        break
      }
      let labels = try predictor.predict(job.files)
      try makeFolder(of: job.output)
      try write(labels, of: job.files, to: job.output)
      written.append(job.output)
      progress.advance(note: job.files.name)
    }
    for path in written where !console.isQuiet && !console.isJSON { console.print(path) }
    return written
  }

  private struct Job {
    let files: CaseFiles
    let output: String
  }

  /// What to predict, and where each label map goes.
  private static func jobs(_ request: Request, plan: TrainingPlan) throws -> [Job] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: request.input, isDirectory: &isFolder) else {
      throw FileError.notFound(path: request.input)
    }
    if !isFolder.boolValue {
      guard plan.contrasts.count == 1 else {
        throw ExperimentError.severalContrasts(path: request.input, expected: plan.contrasts)
      }
      let name = CaseFiles.stem(of: request.input)
      let files = CaseFiles(
        name: name, images: [CaseFiles.Image(contrast: plan.contrasts[0], path: request.input)], label: nil)
      return [Job(files: files, output: file(request.output, named: name, like: request.input))]
    }
    if let files = try DatasetFolder.caseFolder(request.input) {
      return [Job(files: files, output: file(request.output, named: files.name, like: files.images[0].path))]
    }
    let data = try DatasetFolder.discover(request.input, requireLabels: false)
    guard !data.sites.isEmpty else { throw ExperimentError.nothingToPredict(path: request.input) }
    return data.sites.flatMap { site in
      site.cases.map { files in
        let path = "\(request.output)/\(site.name)/\(files.name)/\(files.name)_seg"
        return Job(files: files, output: path + CaseFiles.labelExtension(like: files.images[0].path))
      }
    }
  }

  /// The output itself where it names a file, else `<output>/<name>_seg`.
  private static func file(_ output: String, named name: String, like scan: String) -> String {
    for suffix in [".nii.gz", ".nii", ".png"] where output.hasSuffix(suffix) { return output }
    return "\(output)/\(name)_seg" + CaseFiles.labelExtension(like: scan)
  }

  private static func makeFolder(of file: String) throws {
    let folder = (file as NSString).deletingLastPathComponent
    if folder.isEmpty { return }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError.notWritable(path: folder, reason: (error as NSError).localizedDescription)
    }
  }

  private static func write(_ labels: LabelVolume, of files: CaseFiles, to path: String) throws {
    if path.hasSuffix(".png") {
      try PNG.write(labels, to: path, style: .palette)
      return
    }
    var options = NIfTIWriteOptions.labels
    options.geometry = try NIfTI.header(files.images[0].path)
    if labels.labels.contains(where: { $0 > 255 }) { options.dataType = .uint16 }
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
    scan.lowercased().hasSuffix(".png") ? ".png" : ".nii.gz"
  }
}
