import Foundation
import Foundations
import Harmonization
import Imaging
import Training

/// What `segfed harmonise` leaves: `coordinator/atlas.json`, `sites/<name>/fits.json` and NIfTI files, the report.
struct HarmonizationFolder: Sendable {
  let path: String

  var report: String { path + "/harmonisation.json" }
  /// The same two halves as a run's.
  var halves: RunFolder { RunFolder(path: path) }

  /// Throws `FileError.alreadyExists`, or with `force` `ExperimentError.notOurs` for anything but a harmonisation.
  func checkAvailable(force: Bool) throws {
    let found = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    if found.isEmpty { return }
    guard force else { throw FileError.alreadyExists(path: path) }
    guard found.contains("harmonisation.json") || found == ["cache"] else {
      throw ExperimentError.harmonisationNotOurs(path: path)
    }
  }

  /// Makes the folder; an earlier harmonisation there goes, but for its cache. Throws as `checkAvailable`, and `FileError`.
  static func create(_ path: String, force: Bool) throws -> HarmonizationFolder {
    let folder = HarmonizationFolder(path: path)
    try folder.checkAvailable(force: force)
    // What says that it is whole goes first.
    for name in ["harmonisation.json", "coordinator", "sites"] {
      try? FileManager.default.removeItem(atPath: path + "/" + name)
    }
    try Folder.make(folder.halves.coordinator)
    return folder
  }

  /// A case as files: `<case>/<case>_<contrast>.nii.gz` and `<case>_seg.nii.gz` in the harmonised grid.
  func write(_ item: PreparedCase, contrasts: [String], site name: String) throws {
    let folder = halves.site(name) + "/" + item.name
    try Folder.make(folder)
    let harmonized = item.harmonized
    let scans = NIfTIWriteOptions()
    for (channel, contrast) in contrasts.enumerated() {
      try NIfTI.write(
        harmonized.volume(channel: channel), to: "\(folder)/\(item.name)_\(contrast).nii.gz", options: scans)
    }
    if let map = harmonized.labelMap {
      try NIfTI.write(map, to: "\(folder)/\(item.name)_seg.nii.gz", options: .labels(of: map))
    }
  }
}

/// `fits.json`: what was fitted to each scan of a site, for the next run.
struct FittedCases: Codable, Sendable {
  static let schemaVersion = 1

  struct Case: Codable, Sendable {
    let name: String
    /// In the plan's order of contrasts.
    let fits: [ScanFit]
  }

  let schemaVersion: Int
  let cases: [Case]

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case cases
  }

  init(cases: [Case]) {
    schemaVersion = Self.schemaVersion
    self.cases = cases
  }

  /// The fits of a harmonisation's folder, by site and case. Throws `FileError` or `ExperimentError.fits`.
  static func read(_ folder: String, sites: [String]) throws -> [String: [String: [ScanFit]]] {
    var found: [String: [String: [ScanFit]]] = [:]
    for site in sites {
      let path = RunFolder(path: folder).site(site) + "/fits.json"
      guard let data = FileManager.default.contents(atPath: path) else {
        throw FileError.notFound(path: path)
      }
      guard let file = try? JSONDecoder().decode(FittedCases.self, from: data),
        file.schemaVersion == schemaVersion
      else {
        throw ExperimentError.fits(path: path, expected: "schema_version \(schemaVersion) and fits of cases")
      }
      found[site] = Dictionary(file.cases.map { ($0.name, $0.fits) }, uniquingKeysWith: { first, _ in first })
    }
    return found
  }

  /// Throws `FileError.notWritable`.
  func write(to path: String) throws { try AtomicFile.write(json: self, to: path) }
}
