import Coordinator
import FederationProtocol
import Foundation
import Foundations
import Harmonization
import Imaging
import Site
import Study
import Training

/// A data set ready for a run: plan resolved, every case read, checked, harmonised and split.
package struct ExperimentData: Sendable {
  /// With the atlas that the sites agreed on, where the plan asks for one.
  package let plan: TrainingPlan
  /// By name.
  package let sites: [SiteCases]
  /// The coordinator's own cases, all to train on; nil: it has none.
  package private(set) var root: SiteCases?
  /// nil: the cost model chooses.
  package let tuning: TuningTable?
  /// What the agreement on an atlas cost; no bytes where there was none.
  package let traffic: TrafficMeter
  /// Cases that failed a check and were left out.
  package let skipped: [SkippedCase]
  /// Which cases of each site are in the study; empty without one.
  package var cohorts: [SiteCheck] = []

  /// Loads everything, so that bad input stops a run before any training.
  ///
  /// `previous` is an earlier fold's: its cases are taken over where the plan is the same. Throws what discovery, plan,
  /// splits and cases throw.
  package static func load(
    _ request: RunRequest, dataset: RunDataset, previous: ExperimentData? = nil, console: Console
  ) async throws -> ExperimentData {
    let loop = ParallelLoop(threads: request.threads)
    let names = dataset.folder.sites.map(\.name)
    if let site = request.holdOut {
      guard names.contains(site) else {
        throw ExperimentError.unknownSite(data: request.data, found: site, known: names)
      }
      guard names.count > 1 else {
        throw ExperimentError.tooFewSites(
          data: request.data, found: names.count, needed: 2, purpose: "holding one out")
      }
    }
    var plan = dataset.plan
    // Splits are drawn first: a site with too few cases shows before scans are read.
    let splits = try splits(dataset.folder, plan: plan, request)
    let traffic = TrafficMeter()
    if plan.harmonisation.needsAtlas {
      plan.harmonisation.atlas = try await Self.atlas(
        request, dataset: dataset, splits: splits, traffic: traffic, console: console)
      try PlanError.naming(dataset.planName) { try plan.validate(file: dataset.planName) }
    }
    let sites: [SiteCases]
    if let previous, previous.plan == plan {
      sites = zip(previous.sites, splits).map { site, split in
        site.with(split.keeping(dataset.kept(at: site.name)))
      }
    } else {
      sites = try read(dataset, splits: splits, reading: request.reading(plan, loop: loop), console: console)
    }
    let root = try request.rootData.map {
      try Self.root($0, request, reading: request.reading(plan, loop: loop))
    }
    let data = ExperimentData(
      plan: plan, sites: sites, root: root, tuning: dataset.tuning, traffic: traffic,
      skipped: dataset.skipped.cases, cohorts: dataset.cohorts)
    try data.checkDuplicates(request)
    return data
  }

  /// The coordinator's own cases, as one site of them. Throws what finding and reading cases throw.
  private static func root(_ path: String, _ request: RunRequest, reading: CaseReading) throws -> SiteCases {
    let found = try DatasetFolder.discover(path, layout: request.layout, requireLabels: true)
    let sites = try found.sites.map { site in
      try SiteCases.load(
        SiteFolder(name: "coordinator-" + site.name, path: site.path, cases: site.cases), reading: reading,
        split: CaseSplit(training: Array(site.cases.indices), validation: [], test: []))
    }
    return SiteCases.pooled(sites, name: "coordinator")
  }

  /// Every site's cases, read. Throws what cases throw.
  private static func read(
    _ dataset: RunDataset, splits: [CaseSplit], reading: CaseReading, console: Console
  ) throws -> [SiteCases] {
    let progress = console.progress(
      "reading scans", total: dataset.folder.sites.reduce(0) { $0 + $1.cases.count })
    defer { progress.finish() }
    return try zip(dataset.folder.sites, splits).map { site, split in
      try SiteCases.load(site, reading: reading, split: split, skipping: dataset.skipped, progress: progress)
    }
  }

  /// The parts of every site's cases, in the folder's order. Throws `SplitError`.
  static func splits(
    _ folder: DatasetFolder, plan: TrainingPlan, _ request: RunRequest
  ) throws -> [CaseSplit] {
    let seed = request.seed
    return try folder.sites.map { site in
      if site.name == request.holdOut { return CaseSplit.all(site.cases.count) }
      do {
        if let fold = request.fold {
          return try CaseSplit(
            cases: site.cases.count, fold: fold, validation: plan.split.validation, site: site.name,
            seed: seed)
        }
        return try CaseSplit(cases: site.cases.count, shares: plan.split, site: site.name, seed: seed)
      } catch SplitError.tooFewCases(let name, let found, let needed) {
        throw SplitError.tooFewCases(site: "\(name) (\(site.path))", found: found, needed: needed)
      }
    }
  }

  /// The atlas that the sites agree on by messages: their training cases count, a held-out site is only told.
  private static func atlas(
    _ request: RunRequest, dataset: RunDataset, splits: [CaseSplit], traffic: TrafficMeter, console: Console
  ) async throws -> IntensityAtlas {
    if request.mode == .local { throw ExperimentError.atlasAlone }
    let trainers = zip(dataset.folder.sites, splits).filter { $0.0.name != request.holdOut }.map {
      site, split in
      SiteFolder(name: site.name, path: site.path, cases: split.training.map { site.cases[$0] })
    }
    return try await AtlasRun(
      reading: request.reading(dataset.plan, loop: ParallelLoop(threads: request.threads)),
      contributors: trainers,
      others: dataset.folder.sites.filter { $0.name == request.holdOut }, skipped: dataset.skipped,
      traffic: traffic, study: request.studyDigest
    ).agree(console: console)
  }

  /// Throws `ExperimentError.duplicates` where one scan lies at two sites, or in two parts of one site's cases.
  func checkDuplicates(_ request: RunRequest) throws {
    if request.policy.allowsDuplicates { return }
    var seen: [UInt64: (site: String, name: String, part: String)] = [:]
    for site in sites + (root.map { [$0] } ?? []) {
      for (index, item) in site.records.enumerated() {
        let isHeldOut = site.name == request.holdOut
        guard let part = isHeldOut ? "hold-out" : site.split.part(of: index) else { continue }
        if let other = seen[item.contentHash], other.site != site.name || other.part != part {
          throw ExperimentError.duplicates(
            first: "\(other.site)/\(other.name) (\(other.part))",
            second: "\(site.name)/\(item.name) (\(part))")
        }
        seen[item.contentHash] = (site.name, item.name, part)
      }
    }
  }
}
