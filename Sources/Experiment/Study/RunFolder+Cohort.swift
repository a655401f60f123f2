import Foundation
import Foundations
import Imaging
import Reporting
import Study

extension RunFolder {
  /// Writes which of each site's cases are not in the study, and by which rule, at the site; and the counts that leave it, at the
  /// coordinator.
  ///
  /// Throws `FileError.notWritable`.
  func write(_ cohorts: [SiteCheck]) throws {
    if cohorts.isEmpty { return }
    for check in cohorts {
      try makeSiteFolder(check.site)
      try AtomicFile.write(check.excludedTable, to: site(check.site) + "/excluded.csv")
    }
    try Folder.make(coordinator)
    try AtomicFile.write(CohortTable(cohorts.map(\.report)).csv(), to: coordinator + "/cohort.csv")
  }

  /// The cases that an earlier process left out by a study's rules. Throws `CSVError`, `FileError`.
  func excludedCases() throws -> Set<CaseName> {
    try sites.reduce(into: []) { found, name in
      guard let table = try table("excluded.csv", of: name) else { return }
      guard let column = table.column("case") else {
        throw FileError.unreadable(path: site(name) + "/excluded.csv", reason: "it has no column case")
      }
      found.formUnion(table.rows.map { CaseName(site: name, name: $0[column]) })
    }
  }
}

extension SiteCheck {
  var excluded: [CaseName] { cohort?.excluded.map { CaseName(site: site, name: $0.name) } ?? [] }

  /// Each excluded case with the first rule that it does not meet. Stays at the site.
  var excludedTable: String {
    var document = CSVDocument(columns: ["case", "rule"])
    for item in cohort?.excluded ?? [] { document.add([item.name, item.rule]) }
    return document.rendered()
  }

  /// What is wrong with single cases. Stays at the site.
  var faultTable: String {
    var document = CSVDocument(columns: ["case", "fault"])
    for item in faults { document.add([item.name, item.fault]) }
    return document.rendered()
  }
}
