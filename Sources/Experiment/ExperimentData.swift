import Foundation
import Foundations
import Imaging
import Site
import Training

/// A data set ready for a run: plan resolved, every case read, checked, harmonised and split.
package struct ExperimentData: Sendable {
  package let plan: TrainingPlan
  /// By name.
  package let sites: [SiteCases]
  /// nil: the cost model chooses.
  package let tuning: TuningTable?

  /// Loads everything, so that bad input stops a run before any training.
  ///
  /// `wholeSites` names sites whose cases are not split (held out).
  /// Throws what discovery, plan, splits and cases throw.
  package static func load(
    _ request: RunRequest, console: Console
  ) throws -> ExperimentData {
    let loop = ParallelLoop(threads: request.threads)
    try RunFolder(path: request.output).checkAvailable(force: request.force)
    try OutputCheck.writable(request.output + "/config.yaml")
    let tuning = try request.tuning.map { try TuningTable.read($0) }
    let folder = try request.dataset()
    console.tell(folder.summary(path: request.data))
    let names = folder.sites.map(\.name)
    if let site = request.holdOut {
      guard names.contains(site) else {
        throw ExperimentError.unknownSite(data: request.data, found: site, known: names)
      }
      guard names.count > 1 else {
        throw ExperimentError.tooFewSites(
          data: request.data, found: names.count, needed: 2, purpose: "holding one out")
      }
    }
    let plan = try resolvePlan(request, folder: folder, loop: loop)
    if let tuning, let file = request.tuning { try tuning.checkServes(plan, isTraining: true, file: file) }
    // Splits are drawn first: a site with too few cases shows before scans are read.
    let splits = try splits(folder, plan: plan, holdOut: request.holdOut, seed: request.seed)
    let progress = console.progress(
      "reading scans", total: folder.sites.reduce(0) { $0 + $1.cases.count })
    defer { progress.finish() }
    let sites = try zip(folder.sites, splits).map { site, split in
      try Interruption.check(kept: "Nothing was written.")
      return try SiteCases.load(site, plan: plan, split: split, loop: loop, progress: progress)
    }
    return ExperimentData(plan: plan, sites: sites, tuning: tuning)
  }

  /// The parts of every site's cases, in the folder's order. Throws `SplitError`.
  static func splits(
    _ folder: DatasetFolder, plan: TrainingPlan, holdOut: String?, seed: UInt64
  ) throws -> [CaseSplit] {
    try folder.sites.map { site in
      if site.name == holdOut { return CaseSplit.all(site.cases.count) }
      do {
        return try CaseSplit(cases: site.cases.count, shares: plan.split, site: site.name, seed: seed)
      } catch SplitError.tooFewCases(let name, let found, let needed) {
        throw SplitError.tooFewCases(site: "\(name) (\(site.path))", found: found, needed: needed)
      }
    }
  }

  private static func resolvePlan(
    _ request: RunRequest, folder: DatasetFolder, loop: ParallelLoop
  ) throws -> TrainingPlan {
    let given = try request.plan.map { try PlanFile.read($0) }
    let named = given?.labels.map { labels in Set(labels.map(\.value)) }
    let fingerprint = try DataFingerprint.of(folder, allowedLabels: named, loop: loop)
    let file = given ?? BuiltInPlans.fitting(fingerprint)
    let name = request.plan ?? "built-in plan \(file.name)"
    let plan = try PlanError.naming(name) {
      var plan = try file.resolved(for: fingerprint, file: name)
      if let rounds = request.rounds { plan.rounds = rounds }
      if case .steps(let steps) = request.budget { plan.localSteps = steps }
      try plan.validate(file: name)
      return plan
    }
    _ = try PlanError.naming(name) { try request.networks(plan, tuning: nil).checkTraining(plan) }
    return plan
  }
}
