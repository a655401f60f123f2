import Foundation
import Foundations
import Imaging
import Site
import Study
import Training

extension SiteRun {
  /// A site's cases as a run names and splits them; no scan has been read.
  struct Found {
    let folder: SiteFolder
    let split: CaseSplit
    let skipped: SkippedCases
    /// How cases are read and networks are made.
    let request: RunRequest
    /// nil without a study.
    let cohort: SiteCheck?
  }

  /// The data set, as it lies.
  func discover(
    skipping skipped: SkippedCases, excluding excluded: Set<CaseName> = []
  ) throws -> DatasetFolder {
    try DatasetFolder.discover(
      request.data, layout: request.layout, requireLabels: true, skipping: skipped, excluding: excluded)
  }

  /// The site's cases under the name that the run has for it, checked against the run's plan as one process checks all sites'.
  ///
  /// Throws what discovery, headers, label maps and the split throw, `ExperimentError.unknownSite`, `PlanError`.
  func found(_ told: RunAnnouncement) throws -> Found {
    let (configuration, plan) = (told.configuration, told.configuration.plan)
    var run = RunRequest(data: request.data, output: output(told), threads: request.threads)
    run.policy = configuration.checks ?? .strict
    run.cache = request.cache
    run.loadingMemory = request.loadingMemory
    run.memoryCeiling = request.memoryCeiling
    run.seed = configuration.seed
    run.holdOut = configuration.holdOut
    let skipped = SkippedCases(allowed: run.policy.skipsBadCases)
    let cohort = try cohort(told)
    let data = try discover(skipping: skipped, excluding: Set(cohort?.excluded ?? []))
    let own = try site(of: data, told)
    let fingerprint = try DataFingerprint.of(
      DatasetFolder(sites: [own], layout: data.layout, labels: data.labels, regions: data.regions),
      allowedLabels: Set(plan.labelValues), skipping: skipped, loop: loop)
    if !Set(plan.contrasts).isSubset(of: fingerprint.contrasts) {
      throw PlanError.contrasts(
        file: request.data, found: fingerprint.contrasts, expected: plan.contrasts)
    }
    if plan.spacing == nil, fingerprint.medianSpacing != nil {
      throw PlanError.field(
        file: request.inbox + "/run.json", field: "spacing", found: "none",
        expected: "three sizes in mm, since the scans have voxel sizes")
    }
    let kept = DatasetFolder(sites: [own]).without(skipped).sites[0]
    // Random streams are the site's by its name in the run.
    let folder = SiteFolder(name: told.site, path: kept.path, cases: kept.cases)
    let split = try ExperimentData.splits(
      DatasetFolder(sites: [folder]), plan: plan, run)[0]
    return Found(folder: folder, split: split, skipped: skipped, request: run, cohort: cohort)
  }

  /// Which of the site's cases are in the study; nil without one. Throws `StudyError.mismatches`.
  private func cohort(_ told: RunAnnouncement) throws -> SiteCheck? {
    guard let study = request.study else { return nil }
    let listed = try SiteListing.all(request.data, layout: request.layout)
    let name = siteName(of: listed.map(\.name), told)
    let checks = try StudyRun.checks(
      study, data: request.data, layout: request.layout, site: name, leastCell: request.leastCell,
      looks: false, skipsBadCases: told.configuration.checks?.skipsBadCases ?? false, loop: loop,
      console: console)
    try StudyRun.refuse(checks, study)
    return checks.first
  }

  /// The site's name in its data.
  private func siteName(of names: [String], _ told: RunAnnouncement) -> String {
    request.site ?? (names.count == 1 ? names[0] : told.site)
  }

  private func site(of data: DatasetFolder, _ told: RunAnnouncement) throws -> SiteFolder {
    let name = siteName(of: data.sites.map(\.name), told)
    guard let site = data.sites.first(where: { $0.name == name }) else {
      throw ExperimentError.unknownSite(data: request.data, found: name, known: data.sites.map(\.name))
    }
    return site
  }

  /// Reads every case. Throws what cases throw, and `ExperimentError.duplicates`.
  func load(_ found: Found, _ told: RunAnnouncement) throws -> SiteCases {
    let plan = told.configuration.plan
    let progress = console.progress("reading scans", total: found.folder.cases.count)
    defer { progress.finish() }
    let cases = try SiteCases.load(
      found.folder, reading: found.request.reading(plan, loop: loop), split: found.split,
      skipping: found.skipped, progress: progress)
    let data = ExperimentData(
      plan: plan, sites: [cases], tuning: nil, traffic: .init(), skipped: found.skipped.cases)
    try data.checkDuplicates(found.request)
    return cases
  }

  /// Makes the site's half of the run folder, or goes on with it.
  ///
  /// Throws `FileError`, `ExperimentError.runIsUsed`, and where it is of another run or other data `.otherSettings`, `.otherData`
  /// or `.notARun`.
  func begin(
    _ told: RunAnnouncement, _ cases: SiteCases, _ found: Found
  ) throws -> (run: RunFolder, lock: FolderLock?) {
    let run = RunFolder(path: output(told))
    var lock = try run.lock()
    var earlier = try run.begun()
    if let begun = earlier {
      do {
        try told.configuration.checkContinues(begun, path: run.configuration, ignoringAtlas: false)
        try AtomicFile.removeTemporaries(below: run.path)
      } catch let error as ExperimentError {
        guard request.force else { throw error }
        earlier = nil
      }
    }
    if earlier == nil {
      _ = try RunFolder.create(run.path, force: request.force, resuming: !request.force)
      lock = try lock ?? run.lock()
      try told.configuration.write(to: run.configuration)
    }
    try run.makeSiteFolder(told.site)
    // Under the names that the files have at the site, whatever the run calls it.
    try run.write(found.skipped.cases, of: told.site)
    try run.write(
      cases, isHeldOut: told.site == told.configuration.holdOut, resuming: earlier != nil)
    if let cohort = found.cohort {
      try AtomicFile.write(cohort.excludedTable, to: run.site(told.site) + "/excluded.csv")
    }
    return (run, lock)
  }
}
