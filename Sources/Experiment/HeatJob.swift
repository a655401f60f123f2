import Explanation
import Foundation
import Foundations
import Harmonization
import Imaging
import Metrics
import Pictures
import Training

/// One case to explain: its files, the model, and where its maps go.
struct HeatJob {
  struct Result {
    var files: [String] = []
    /// Labels that no voxel is predicted as.
    var empty: [String] = []
    let occlusion: OcclusionTable
  }

  let files: CaseFiles
  private let model: ModelFile
  private let regions: [ExplainedRegion]
  private let stage: String?
  /// Folder and case name, what all files begin with.
  private let prefix: String
  private var isPicture: Bool { PNG.isNamed(files.images[0].path) }

  /// What to explain with which model. Throws the modules' described errors.
  static func all(_ request: HeatMaps.Request) throws -> [HeatJob] {
    guard FileManager.default.fileExists(atPath: request.input) else {
      throw FileError.notFound(path: request.input)
    }
    if !Folder.exists(request.input) {
      let model = try ModelFile.read(request.model)
      guard model.plan.contrasts.count == 1 else {
        throw ExperimentError.severalContrasts(path: request.input, expected: model.plan.contrasts)
      }
      let image = CaseFiles.Image(contrast: model.plan.contrasts[0], path: request.input)
      let files = CaseFiles(name: CaseFiles.stem(of: request.input), images: [image], label: nil)
      return [try HeatJob(files, model: model, folder: request.output, request)]
    }
    if let files = try DatasetFolder.caseFolder(request.input) {
      return [try HeatJob(files, model: .read(request.model), folder: request.output, request)]
    }
    let data = try DatasetFolder.discover(request.input, layout: request.layout, requireLabels: false)
    let models = try ModelFile.ofRun(request.model, sites: data.sites.map(\.name))
    return try data.sites.flatMap { site in
      guard let model = models[site.name] else {
        throw ExperimentError.noModelOfSite(path: request.model, site: site.name)
      }
      return try site.cases.map { files in
        try HeatJob(
          files, model: model, folder: "\(request.output)/\(site.name)/\(files.name)", request)
      }
    }
  }

  /// Throws `ExperimentError.unknownLabel`.
  private init(
    _ files: CaseFiles, model: ModelFile, folder: String, _ request: HeatMaps.Request
  ) throws {
    self.files = files
    self.model = model
    stage = request.stage
    prefix = folder + "/" + files.name
    let names = request.labels.isEmpty ? model.plan.regions.map(\.name) : request.labels
    regions = try names.map { name in
      guard let region = ExplainedRegion(named: name, in: model.plan) else {
        throw ExperimentError.unknownLabel(
          path: model.path, found: name, known: ExplainedRegion.names(in: model.plan))
      }
      return region
    }
  }

  private func heatFile(_ region: ExplainedRegion) -> String {
    "\(prefix)_\(region.fileName)_heat" + (isPicture ? ".png" : ".nii.gz")
  }

  private func overlayFile(_ region: ExplainedRegion) -> String { "\(prefix)_\(region.fileName)_overlay.png" }

  private var occlusionFile: String { prefix + "_occlusion.csv" }

  /// What can be known before any work: outputs, headers, contrasts, stage, memory. Throws the modules' described errors.
  func check(force: Bool) throws {
    let outputs = regions.flatMap { [heatFile($0), overlayFile($0)] } + [occlusionFile]
    for path in outputs where FileManager.default.fileExists(atPath: path) && !force {
      throw FileError.alreadyExists(path: path)
    }
    try OutputCheck.writable(occlusionFile)
    var found: [String] = []
    for image in files.images {
      if !isPicture { _ = try NIfTI.header(image.path) }
      found += try CaseLoader.contrastNames(of: image)
    }
    if let missing = model.plan.contrasts.first(where: { !found.contains($0) }) {
      throw PreparationError.noContrast(path: files.images[0].path, contrast: missing, found: found)
    }
    _ = try PlanError.naming(model.path) {
      try HeatMapper(plan: model.plan, weights: model.weights, stage: stage, loop: .serial)
    }
  }

  func run(loop: ParallelLoop, check: () throws -> Void) throws -> Result {
    let plan = model.plan
    let item = try PreparedCase(files, plan: plan, needsLabels: false, loop: loop).harmonized
    let predictor = try Predictors([model], inference: InferenceChoice(), loop: loop)
      .predictor(of: [model])
    let prediction = try predictor.predict(item)
    try check()
    var result = Result(
      occlusion: try occlusion(item, prediction: prediction, predictor: predictor, loop: loop, check: check))
    let mapper = try HeatMapper(plan: plan, weights: model.weights, stage: stage, loop: loop)
    let scans = try ReadCase(files, plan: plan, needsLabels: false, loop: loop).input.images
    try Folder.make((prefix as NSString).deletingLastPathComponent)
    for region in regions {
      let map = try mapper.map(of: region, in: item, advance: check)
      if !map.voxels.contains(where: { $0 > 0 }) { result.empty.append(region.name) }
      try write(map, to: heatFile(region))
      try SlicePicture.write(
        rows(map, of: region, prediction: prediction, scans: scans), to: overlayFile(region))
      result.files += [heatFile(region), overlayFile(region)]
    }
    try AtomicFile.write(result.occlusion.csv(), to: occlusionFile)
    result.files.append(occlusionFile)
    return result
  }

  /// Dice of what the model predicts without each contrast, against what it predicts with all.
  private func occlusion(
    _ item: HarmonizedCase, prediction: LabelVolume, predictor: Predictor, loop: ParallelLoop,
    check: () throws -> Void
  ) throws -> OcclusionTable {
    let scored = regions.map { Region(name: $0.name, labels: $0.labels) }
    func dice(_ map: LabelVolume) -> [Double] {
      CaseMetrics.score(
        prediction: map, reference: prediction, regions: scored, settings: .diceOnly(), loop: loop
      ).map { $0.values[0] }
    }
    let without = try model.plan.contrasts.indices.map { contrast in
      let map = try predictor.predict(ContrastOcclusion.withholding(contrast, of: item))
      try check()
      return dice(map)
    }
    return OcclusionTable(
      contrasts: model.plan.contrasts, regions: regions.map(\.name),
      cases: [.init(site: "", name: files.name, complete: dice(prediction), without: without)],
      reference: "the prediction with all contrasts")
  }

  private func write(_ map: Volume, to path: String) throws {
    if isPicture {
      var grey = map
      for index in grey.voxels.indices { grey.voxels[index] *= 255 }
      try PNG.write(grey, to: path, depth: .eight)
    } else {
      try NIfTI.write(
        map, to: path, options: NIfTIWriteOptions(geometry: try NIfTI.header(files.images[0].path)))
    }
  }

  /// A row for each contrast: slices through the predicted label, its border, and the map over them.
  private func rows(
    _ map: Volume, of region: ExplainedRegion, prediction: LabelVolume, scans: [Volume]
  ) throws -> [SliceRow] {
    var own = prediction
    for index in own.labels.indices where !region.labels.contains(own.labels[index]) { own.labels[index] = 0 }
    let view = try files.view
    return scans.map { SliceRow($0, labels: own, heat: map, view: view) }
  }
}

extension ExplainedRegion {
  /// The name as files can have it.
  fileprivate var fileName: String {
    String(name.map { $0.isLetter || $0.isNumber ? $0 : "-" })
  }
}
