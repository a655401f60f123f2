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

  /// Reads, checks and harmonises every case of a site, side by side.
  ///
  /// Throws the first case's error by name: `FileError`, `ImagingError` or `PreparationError`.
  package static func load(
    _ folder: SiteFolder, plan: TrainingPlan, split: CaseSplit, loop: ParallelLoop,
    progress: ProgressLine? = nil
  ) throws -> SiteCases {
    let cases = try loop.map(folder.cases.count) { index in
      let item = try PreparedCase(folder.cases[index], plan: plan, needsLabels: true, loop: .serial)
      progress?.advance(note: folder.name)
      return item
    }
    let onDisk = try folder.cases.flatMap(\.paths).reduce(0) { $0 + (try size(of: $1)) }
    return SiteCases(
      name: folder.name, cases: cases, split: split, bytesOnDisk: onDisk,
      bytesUncompressed: cases.reduce(0) { $0 + $1.uncompressedBytes })
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
