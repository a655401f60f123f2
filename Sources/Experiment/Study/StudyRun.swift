import Foundation
import Foundations
import Imaging
import Reporting
import Study

/// `segfed study`: a study tried at its sites, and locked.
package enum StudyRun {
  package struct CheckRequest: Sendable {
    package var study: String
    /// nil where only reports of other sites are compared.
    package var data: String?
    package var layout: DatasetLayout?
    /// One of the data's sites; nil: all.
    package var site: String?
    /// Reports of sites that tried the study themselves.
    package var reports: [String] = []
    /// Folder for what stays at the sites, and their reports; nil: nothing is written.
    package var output: String?
    package var leastCell = StudyCheck.leastCell
    package var threads: Int
    package var force = false

    package init(study: String, threads: Int) { (self.study, self.threads) = (study, threads) }
  }

  /// Tries a study, locked or not, at every site, and prints what would be included and which definitions a site does not meet.
  ///
  /// Throws `StudyError.mismatches` where there are any, after the table; and what reading sites and reports throws.
  package static func check(_ request: CheckRequest, console: Console) throws {
    let study = try LockedStudy.draft(request.study)
    if let output = request.output {
      let isEmpty = ((try? FileManager.default.contentsOfDirectory(atPath: output)) ?? []).isEmpty
      guard isEmpty || request.force else { throw FileError.alreadyExists(path: output) }
    }
    var checks: [SiteCheck] = []
    if let data = request.data {
      checks = try Self.checks(
        study, data: data, layout: request.layout, site: request.site, leastCell: request.leastCell,
        looks: true, loop: ParallelLoop(threads: request.threads), console: console)
    }
    let told = try request.reports.flatMap { try reports(in: $0, study: study) }
    let names = (checks.map(\.report) + told).map(\.site)
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw StudyError.sameSite(twice)
    }
    let check = StudyCheck(study.file, reports: checks.map(\.report) + told)
    if let output = request.output { try write(checks, check, to: output) }
    console.print(console.isJSON ? try json(check.reports) : CohortTable(check.reports).text())
    if !console.isJSON {
      console.print(
        check.problems.isEmpty
          ? "\(study.path): every site meets every definition; SHA-256 \(study.digest)"
          : check.problems.map { "  " + $0 }.joined(separator: "\n"))
    }
    if !check.problems.isEmpty {
      throw StudyError.mismatches(study: study.path, problems: check.problems)
    }
  }

  /// Which cases of a run's sites are in its study; none without a study. Throws `StudyError.mismatches` where a site does not meet
  /// a definition.
  static func cohorts(_ request: RunRequest, console: Console) throws -> [SiteCheck] {
    guard let study = request.study else { return [] }
    let isBegun = try request.resume && RunFolder(path: request.output).begun() != nil
    let checks = try Self.checks(
      study, data: request.data, layout: request.layout, site: nil, leastCell: request.leastCell,
      // A run that was begun has met them.
      looks: !isBegun, skipsBadCases: request.policy.skipsBadCases,
      loop: ParallelLoop(threads: request.threads), console: console)
    try refuse(checks, study)
    let included = checks.reduce(0) { $0 + ($1.cohort?.included.count ?? 0) }
    console.tell("study \(study.digest.prefix(12))…: \(included) cases of \(checks.count) sites")
    return checks
  }

  /// Throws `StudyError.mismatches` where a site does not meet a definition, or looks otherwise than the others.
  static func refuse(_ checks: [SiteCheck], _ study: LockedStudy) throws {
    let problems = StudyCheck(study.file, reports: checks.map(\.report)).problems
    guard problems.isEmpty else { throw StudyError.mismatches(study: study.path, problems: problems) }
  }

  /// A study tried at the sites of a data set. Throws what reading them throws, `ExperimentError.unknownSite`.
  static func checks(
    _ study: LockedStudy, data: String, layout: DatasetLayout?, site: String?, leastCell: Int, looks: Bool,
    skipsBadCases: Bool = false,
    loop: ParallelLoop, console: Console
  ) throws -> [SiteCheck] {
    let all = try SiteListing.all(data, layout: layout)
    let sites = all.filter { site == nil || $0.name == site }
    if let site, sites.isEmpty {
      throw ExperimentError.unknownSite(data: data, found: site, known: all.map(\.name))
    }
    let progress = console.progress(
      looks ? "trying the study" : "asking the rules", total: sites.reduce(0) { $0 + $1.cases.count })
    defer { progress.finish() }
    return try sites.map {
      try SiteCheck(
        study, at: $0, data: data, leastCell: leastCell, looks: looks, skipsBadCases: skipsBadCases,
        loop: loop, progress: progress)
    }
  }

  /// Locks a study; says its digest. Throws `StudyError`, `FileError`.
  package static func lock(_ path: String, force: Bool, console: Console) throws {
    let study = try LockedStudy.draft(path)
    try study.lock(force: force)
    let lock = LockedStudy.lockPath(of: path)
    if console.isJSON {
      console.print(
        JSONValue.object([
          ("study", .string(path)), ("lock", .string(lock)), ("sha256", .string(study.digest)),
        ]).rendered())
    } else {
      console.print("\(lock): SHA-256 \(study.digest)")
    }
  }

  // MARK: Files

  private static func json(_ reports: [SiteReport]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(reports), as: UTF8.self) + "\n"
  }

  /// Throws `StudyError.notAReport`, `.otherReport`.
  private static func reports(in path: String, study: LockedStudy) throws -> [SiteReport] {
    guard let data = FileManager.default.contents(atPath: path) else { throw FileError.notFound(path: path) }
    guard let reports = try? JSONDecoder().decode([SiteReport].self, from: data), !reports.isEmpty,
      reports.allSatisfy({ $0.schemaVersion == SiteReport.schemaVersion && $0.fits(study.file) })
    else { throw StudyError.notAReport(path: path) }
    if let other = reports.first(where: { $0.study != study.digest }) {
      throw StudyError.otherReport(path: path, found: other.study, expected: study.digest)
    }
    return reports
  }

  private static func write(_ checks: [SiteCheck], _ check: StudyCheck, to output: String) throws {
    for site in checks {
      let folder = "\(output)/sites/\(site.site)"
      try Folder.make(folder)
      try AtomicFile.write(site.excludedTable, to: folder + "/excluded.csv")
      try AtomicFile.write(site.faultTable, to: folder + "/faults.csv")
    }
    try Folder.make(output)
    try AtomicFile.write(try json(check.reports), to: output + "/reports.json")
  }
}
