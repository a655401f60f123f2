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

  /// Loads everything, so that bad input stops a run before any training.
  ///
  /// `wholeSites` names sites whose cases are not split (held out).
  /// Throws what discovery, plan, splits and cases throw.
  package static func load(
    _ request: RunRequest, console: Console
  ) throws -> ExperimentData {
    let loop = ParallelLoop(threads: request.threads)
    let folder = try DatasetFolder.discover(request.data, requireLabels: true)
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
    // Splits are drawn first: a site with too few cases shows before anything is read.
    let splits = try folder.sites.map { site in
      site.name == request.holdOut
        ? CaseSplit.all(site.cases.count)
        : try CaseSplit(
          cases: site.cases.count, shares: plan.split, site: site.name, seed: request.seed)
    }
    let progress = console.progress(
      "reading scans", total: folder.sites.reduce(0) { $0 + $1.cases.count })
    defer { progress.finish() }
    let sites = try zip(folder.sites, splits).map { site, split in
      try SiteCases.load(site, plan: plan, split: split, loop: loop, progress: progress)
    }
    return ExperimentData(plan: plan, sites: sites)
  }

  private static func resolvePlan(
    _ request: RunRequest, folder: DatasetFolder, loop: ParallelLoop
  ) throws -> TrainingPlan {
    let given = try request.plan.map { try PlanFile.read($0) }
    let fingerprint = try DataFingerprint.of(folder, loop: loop)
    let file = given ?? BuiltInPlans.fitting(fingerprint)
    var plan = try file.resolved(for: fingerprint, file: request.plan ?? "built-in plan \(file.name)")
    if let rounds = request.rounds { plan.rounds = rounds }
    if case .steps(let steps) = request.budget { plan.localSteps = steps }
    try plan.validate(file: request.plan ?? "built-in plan \(file.name)")
    return plan
  }
}
