import Explanation
import Foundation
import Foundations
import Imaging
import Metrics
import Reporting
import Training

/// `segfed explain --data`: how much Dice falls when a contrast is withheld, over all cases of all sites.
package enum OcclusionStudy {
  package struct Request: Sendable, Equatable {
    /// A model file or run folder; after a local run each site is seen with its own model.
    package var model: String
    package var data: String
    /// nil: the layout that the data looks like.
    package var layout: DatasetLayout?
    package var output: String
    package var threads: Int
    package var policy = CasePolicy.strict
    package var force = false

    package init(model: String, data: String, output: String, threads: Int) {
      self.model = model
      self.data = data
      self.output = output
      self.threads = threads
    }
  }

  /// Writes `sites/<name>/occlusion.csv`, `occlusion.csv` and, last, `occlusion.json`.
  ///
  /// Output, data and models are checked before a case is read. Throws the modules' described errors, and `StoppedByUser`.
  @discardableResult
  package static func execute(_ request: Request, console: Console) throws -> OcclusionTable {
    try checkAvailable(request)
    try OutputCheck.writable(request.output + "/occlusion.json")
    let skipped = SkippedCases(allowed: request.policy.skipsBadCases)
    let data = try DatasetFolder.discover(
      request.data, layout: request.layout, requireLabels: true, skipping: skipped)
    let loop = ParallelLoop(threads: request.threads)
    if !request.policy.allowsDuplicates {
      try TrainedCases(runs: [request.model]).refuse(data, loop: loop)
    }
    let models = try ModelFile.ofRun(request.model, sites: data.sites.map(\.name))
    guard let first = data.sites.first.flatMap({ models[$0.name] }) else {
      throw ExperimentError.noModel(path: request.model)
    }
    let predictors = try Predictors(
      data.sites.compactMap { models[$0.name] }, inference: InferenceChoice(), loop: loop)
    let progress = console.progress("explaining", total: data.sites.reduce(0) { $0 + $1.cases.count })
    defer { progress.finish() }
    var cases: [OcclusionTable.Case] = []
    for site in data.sites {
      guard let model = models[site.name] else {
        throw ExperimentError.noModelOfSite(path: request.model, site: site.name)
      }
      let predictor = predictors.predictor(of: [model])
      for files in site.cases {
        try Interruption.check(kept: "Nothing was written.")
        let item = try skipped.attempt(site: site.name, name: files.name) {
          try PreparedCase(files, plan: model.plan, policy: request.policy, needsLabels: true, loop: loop)
        }
        if let item { cases.append(try explained(item, site: site.name, predictor: predictor, loop: loop)) }
        progress.advance(note: site.name)
      }
    }
    progress.finish()
    let table = OcclusionTable(
      contrasts: first.plan.contrasts, regions: first.plan.regions.map(\.name), cases: cases,
      reference: "the label maps")
    try write(table, skipped: skipped.cases, sites: data.sites.map(\.name), request)
    console.print(console.isJSON ? table.json().rendered() : table.text())
    if !console.isJSON, let text = skipped.cases.counts.text { console.print(text) }
    return table
  }

  /// A case predicted with all contrasts and without each in turn.
  private static func explained(
    _ item: PreparedCase, site: String, predictor: Predictor, loop: ParallelLoop
  ) throws -> OcclusionTable.Case {
    guard let reference = item.reference else {
      preconditionFailure("a case without labels was asked for them")
    }
    func dice(_ map: LabelVolume) -> [Double] {
      CaseMetrics.score(
        prediction: map, reference: reference, regions: predictor.plan.regions, settings: .diceOnly(),
        loop: loop
      ).map { $0.values[0] }
    }
    let complete = try predictor.predict(item.harmonized)
    let without = try predictor.plan.contrasts.indices.map { contrast in
      try Interruption.check(kept: "Nothing was written.")
      return dice(try predictor.predict(ContrastOcclusion.withholding(contrast, of: item.harmonized)))
    }
    return OcclusionTable.Case(site: site, name: item.name, complete: dice(complete), without: without)
  }

  /// What `--force` may replace is told by `occlusion.json`.
  private static func checkAvailable(_ request: Request) throws {
    let found = Set((try? FileManager.default.contentsOfDirectory(atPath: request.output)) ?? [])
    if found.isEmpty { return }
    guard request.force else { throw FileError.alreadyExists(path: request.output) }
    guard found.contains("occlusion.json"), !found.contains("config.yaml") else {
      throw ExperimentError.explanationNotOurs(path: request.output)
    }
  }

  private static func write(
    _ table: OcclusionTable, skipped: [SkippedCase], sites: [String], _ request: Request
  ) throws {
    for name in ["occlusion.json", "occlusion.csv", "sites"] {
      try? FileManager.default.removeItem(atPath: request.output + "/" + name)
    }
    let folder = try RunFolder.create(request.output, force: false)
    for site in sites {
      try folder.makeSiteFolder(site)
      let own = OcclusionTable(
        contrasts: table.contrasts, regions: table.regions, cases: table.cases.filter { $0.site == site },
        reference: table.reference)
      try AtomicFile.write(own.casesCSV(), to: folder.site(site) + "/occlusion.csv")
      try folder.write(skipped.filter { $0.site == site }, of: site)
    }
    try AtomicFile.write(table.csv(), to: folder.path + "/occlusion.csv")
    try AtomicFile.write(table.json().rendered(), to: folder.path + "/occlusion.json")
  }
}
