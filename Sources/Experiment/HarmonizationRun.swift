import Coordinator
import FederationProtocol
import Foundation
import Foundations
import Harmonization
import Imaging
import Reporting
import Site
import Training

/// `segfed harmonise`: the step before training alone. Cases land in a cache that training reads, and as NIfTI on request.
package enum HarmonizationRun {
  package struct Request: Sendable {
    package var data: String
    package var layout: DatasetLayout?
    package var output: String
    package var plan: String?
    package var choice = HarmonizationChoice()
    package var policy = CasePolicy.strict
    /// nil: `<output>/cache`.
    package var cache: String?
    package var loadingMemory: Int?
    /// Fitted values of an earlier run (its folder): nothing is fitted then.
    package var fits: String?
    package var writesNIfTI = false
    package var threads: Int
    package var force = false

    package init(data: String, output: String, threads: Int) {
      (self.data, self.output, self.threads) = (data, output, threads)
    }
  }

  /// Harmonises every case of every site; `harmonisation.json` is written last.
  ///
  /// Throws the modules' described errors, and `StoppedByUser`; what was written before is whole.
  package static func execute(_ request: Request, console: Console) async throws {
    let loop = ParallelLoop(threads: request.threads)
    try HarmonizationFolder(path: request.output).checkAvailable(force: request.force)
    try OutputCheck.writable(request.output + "/harmonisation.json")
    let skipped = SkippedCases(allowed: request.policy.skipsBadCases)
    let found = try DatasetFolder.discover(
      request.data, layout: request.layout, requireLabels: false, skipping: skipped)
    console.tell(found.summary(path: request.data))
    var (plan, name) = try PlanResolution(file: request.plan, choice: request.choice, needsLabels: false)
      .plan(for: found, skipping: skipped, loop: loop)
    let data = found.without(skipped)
    let fits = try request.fits.map { try FittedCases.read($0, sites: data.sites.map(\.name)) }
    let traffic = TrafficMeter()
    func reading() -> CaseReading {
      var reading = CaseReading(plan: plan, loop: loop)
      reading.policy = request.policy
      reading.cache = request.cache ?? request.output + "/cache"
      reading.memoryCeiling = request.loadingMemory
      reading.fits = fits
      return reading
    }
    if plan.harmonisation.needsAtlas {
      plan.harmonisation.atlas = try await AtlasRun(
        reading: reading(), contributors: data.sites, others: [], skipped: skipped, traffic: traffic,
        study: nil
      ).agree(console: console)
      try PlanError.naming(name) { try plan.validate(file: name) }
    }
    console.tell("harmonisation: \(plan.harmonisation.summary)")
    let folder = try HarmonizationFolder.create(request.output, force: request.force)
    if let atlas = plan.harmonisation.atlas { try folder.halves.write(atlas) }
    let progress = console.progress("harmonising", total: data.sites.reduce(0) { $0 + $1.cases.count })
    defer { progress.finish() }
    let reading = reading()
    let rows = try data.sites.map { site in
      try harmonise(site, reading, folder, request, skipping: skipped, progress: progress)
    }
    progress.finish()
    let report = HarmonizationReport(
      sites: rows, settings: plan.harmonisation.summary, spacing: plan.spacing,
      traffic: traffic.snapshot().map { AtlasTraffic(site: $0.site, down: $0.down, up: $0.up) },
      skipped: skipped.cases.counts)
    let json = report.json().rendered()
    try AtomicFile.write(json, to: folder.report)
    console.print(console.isJSON ? json : report.text())
  }

  private static func harmonise(
    _ site: SiteFolder, _ reading: CaseReading, _ folder: HarmonizationFolder, _ request: Request,
    skipping skipped: SkippedCases, progress: ProgressLine
  ) throws -> HarmonizationRow {
    let clock = ProgressLine.now
    let done = try reading.forEach(site.cases) { index, loop -> (String, [ScanFit], Int)? in
      try Interruption.check(kept: "\(request.output): cases harmonised so far are kept in the cache.")
      let files = site.cases[index]
      defer { progress.advance(note: site.name) }
      return try skipped.attempt(site: site.name, name: files.name) {
        let item = try reading.prepare(files, site: site.name, needsLabels: false, loop: loop)
        if request.writesNIfTI { try folder.write(item, contrasts: reading.plan.contrasts, site: site.name) }
        return (files.name, item.harmonized.fits, item.bytes)
      }
    }.compactMap { $0 }
    try folder.halves.makeSiteFolder(site.name)
    try FittedCases(cases: done.map { FittedCases.Case(name: $0.0, fits: $0.1) })
      .write(to: folder.halves.site(site.name) + "/fits.json")
    try folder.halves.write(skipped.cases.filter { $0.site == site.name }, of: site.name)
    return HarmonizationRow(
      site: site.name, cases: done.count, bytes: done.reduce(0) { $0 + $1.2 },
      seconds: ProgressLine.now - clock)
  }
}
