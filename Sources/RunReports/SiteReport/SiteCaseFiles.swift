import Experiment
import Foundation
import Foundations
import Imaging

/// Where a site's cases lie.
struct SiteCaseFiles {
  /// The folder that was looked into.
  let path: String
  let cases: [CaseFiles]
  private let skipped: [SkippedCase]

  /// Looks where the run had its test cases, or in `data`: for the site by its name, or for the only one that is there.
  ///
  /// Cases that lack a file are noted. Throws `ReportError.noData`, `ExperimentError.unknownSite`, and what listing a data set
  /// throws.
  init(_ record: SiteRecord, data: String?) throws {
    let configuration = record.configuration
    // A site that is a process of its own is not told where others have their data.
    let recorded = configuration.test.map { $0 == "given" ? "" : $0 } ?? configuration.data
    path = data ?? recorded
    guard !path.isEmpty, Folder.exists(path) || FileManager.default.fileExists(atPath: path) else {
      if let data { throw FileError.notFound(path: data) }
      throw ReportError.noData(site: record.name, path: recorded.isEmpty ? nil : recorded)
    }
    let layout = data == nil ? configuration.layout.flatMap(DatasetLayout.init(rawValue:)) : nil
    let skipped = SkippedCases(allowed: true)
    let found = try DatasetFolder.discover(path, layout: layout, requireLabels: false, skipping: skipped)
    let site =
      found.sites.first { $0.name == record.name } ?? (found.sites.count == 1 ? found.sites[0] : nil)
    guard let site else {
      throw ExperimentError.unknownSite(data: path, found: record.name, known: found.sites.map(\.name))
    }
    cases = site.cases
    self.skipped = skipped.cases.filter { $0.site == site.name }
  }

  func files(of name: String) -> CaseFiles? { cases.first { $0.name == name } }

  /// Why there are no files of a case.
  func absence(of name: String) -> String {
    skipped.first { $0.name == name }?.reason
      ?? "\(path): found no case \(name), expected the files that were tested. Name the folder that holds them with --data DIR."
  }
}
