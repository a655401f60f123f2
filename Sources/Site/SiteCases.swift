import Foundation
import Foundations
import Harmonization
import Imaging
import Training

/// A site's own cases in memory, and the parts that they are split into.
package struct SiteCases: Sendable {
  package let name: String
  package let cases: [PreparedCase]
  package let split: CaseSplit
  /// Scans and label maps as the files lie on disk, in bytes.
  package let bytesOnDisk: Int
  /// The same, inflated.
  package let bytesUncompressed: Int

  package init(
    name: String, cases: [PreparedCase], split: CaseSplit, bytesOnDisk: Int, bytesUncompressed: Int
  ) {
    self.name = name
    self.cases = cases
    self.split = split
    self.bytesOnDisk = bytesOnDisk
    self.bytesUncompressed = bytesUncompressed
  }

  /// Reads, checks and harmonises every case of a site, as many side by side as memory allows.
  ///
  /// Throws the first case's error by name: `FileError`, `ImagingError` or `PreparationError`; cases that `skipped` takes up
  /// are left out of their part.
  package static func load(
    _ folder: SiteFolder, reading: CaseReading, split: CaseSplit, skipping skipped: SkippedCases = .none,
    progress: ProgressLine? = nil
  ) throws -> SiteCases {
    let read = try reading.forEach(folder.cases) { index, loop -> PreparedCase? in
      try Interruption.check(kept: "Nothing was written.")
      defer { progress?.advance(note: folder.name) }
      let files = folder.cases[index]
      return try skipped.attempt(site: folder.name, name: files.name) {
        try reading.prepare(files, site: folder.name, needsLabels: true, loop: loop)
      }
    }
    let cases = read.compactMap { $0 }
    try reading.checkRoom(for: cases)
    let kept = read.indices.filter { read[$0] != nil }
    let onDisk = try kept.flatMap { folder.cases[$0].paths }.reduce(0) { $0 + (try size(of: $1)) }
    return SiteCases(
      name: folder.name, cases: cases, split: split.keeping(kept), bytesOnDisk: onDisk,
      bytesUncompressed: cases.reduce(0) { $0 + $1.uncompressedBytes })
  }

  /// The same cases in other parts.
  package func with(_ split: CaseSplit) -> SiteCases {
    SiteCases(
      name: name, cases: cases, split: split, bytesOnDisk: bytesOnDisk, bytesUncompressed: bytesUncompressed)
  }

  /// All sites' cases as if they lay at one: what centralised training sees.
  ///
  /// Each site's split stays as it is; case names get their site in front.
  package static func pooled(_ sites: [SiteCases], name: String) -> SiteCases {
    var cases: [PreparedCase] = []
    var parts: (training: [Int], validation: [Int], test: [Int]) = ([], [], [])
    for site in sites {
      let first = cases.count
      parts.training += site.split.training.map { $0 + first }
      parts.validation += site.split.validation.map { $0 + first }
      parts.test += site.split.test.map { $0 + first }
      cases += site.cases
    }
    return SiteCases(
      name: name, cases: cases,
      split: CaseSplit(training: parts.training, validation: parts.validation, test: parts.test),
      bytesOnDisk: sites.reduce(0) { $0 + $1.bytesOnDisk },
      bytesUncompressed: sites.reduce(0) { $0 + $1.bytesUncompressed })
  }

  private static func size(of path: String) throws -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let size = attributes?[.size] as? Int else { throw FileError.notFound(path: path) }
    return size
  }
}
