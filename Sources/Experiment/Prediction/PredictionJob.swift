import Foundation
import Foundations
import Imaging
import Training

/// One case to predict: its files, the models, and where its label map goes.
struct PredictionJob {
  /// For messages; empty for a scan or case by itself.
  let site: String
  let files: CaseFiles
  /// One, or an ensemble whose plans agree.
  let models: [ModelFile]
  let output: String

  /// What to predict with which models. Throws the modules' described errors.
  static func all(_ request: Prediction.Request, skipping skipped: SkippedCases) throws -> [PredictionJob] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: request.input, isDirectory: &isFolder) else {
      throw FileError.notFound(path: request.input)
    }
    let isTable = request.layout == .csv || request.input.lowercased().hasSuffix(".csv")
    if !isFolder.boolValue, !isTable {
      let models = try ModelFile.ensemble(request.models)
      let files = try singleScan(request.input, plan: models[0].plan)
      let output = file(request.output, named: files.name, like: request.input)
      return [PredictionJob(site: "", files: files, models: models, output: output)]
    }
    if let files = try DatasetFolder.caseFolder(request.input) {
      let output = file(request.output, named: files.name, like: files.images[0].path)
      return [
        PredictionJob(
          site: "", files: files, models: try ModelFile.ensemble(request.models), output: output)
      ]
    }
    let data = try DatasetFolder.discover(
      request.input, layout: request.layout, requireLabels: false, skipping: skipped)
    guard !data.sites.isEmpty else { throw ExperimentError.nothingToPredict(path: request.input) }
    let models = try ModelFile.ensembles(request.models, sites: data.sites.map(\.name))
    return data.sites.enumerated().flatMap { index, site in
      site.cases.map { files in
        let path = "\(request.output)/\(site.name)/\(files.name)/\(files.name)_seg"
        let output = path + CaseFiles.labelExtension(like: files.images[0].path)
        return PredictionJob(site: site.name, files: files, models: models[index], output: output)
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

  /// What can be known of a job before any work: headers, contrasts, and that its outputs can be written.
  func check(_ request: Prediction.Request) throws {
    let isPicture = PNG.isNamed(files.images[0].path)
    guard PNG.isNamed(output) == isPicture else {
      throw ExperimentError.outputKind(
        path: output, scan: files.images[0].path, expected: isPicture ? ".png" : ".nii.gz or .nii")
    }
    for path in [output] + request.maps.files(beside: output)
    where FileManager.default.fileExists(atPath: path) && !request.force {
      throw FileError.alreadyExists(path: path)
    }
    try OutputCheck.writable(output)
    var found: [String] = []
    for image in files.images {
      if !isPicture { _ = try NIfTI.header(image.path) }
      found += try CaseLoader.contrastNames(of: image)
    }
    if let missing = models[0].plan.contrasts.first(where: { !found.contains($0) }) {
      throw PreparationError.noContrast(path: files.images[0].path, contrast: missing, found: found)
    }
  }

  /// Writes the label map as its scan is. Throws `FileError.notWritable`.
  func write(_ labels: LabelVolume) throws {
    if PNG.isNamed(output) {
      try PNG.write(labels, to: output, style: .palette)
      return
    }
    var options = NIfTIWriteOptions.labels(of: labels)
    options.geometry = try NIfTI.header(files.images[0].path)
    try NIfTI.write(labels, to: output, options: options)
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
