import Foundation
import Foundations
import Harmonization
import Imaging
import Training

/// What is known of a case without its voxels.
package struct CaseRecord: Sendable, Equatable {
  package let name: String
  /// Tells the case's first scan from others, whatever its file's header and compression.
  package let contentHash: UInt64
  /// SHA-256 of the label map's values; nil where the case has none.
  package let labelsDigest: String?
  /// Voxels that it is trained on.
  package let voxels: Int
  /// Voxels of all scans and the label map, in bytes as stored uncompressed.
  package let uncompressedBytes: Int

  init(_ item: PreparedCase) {
    name = item.name
    contentHash = item.contentHash
    labelsDigest = item.reference.map { map in
      Digest.sha256Hex(map.labels.withUnsafeBytes { Data($0) })
    }
    voxels = item.harmonized.geometry.count
    uncompressedBytes = item.uncompressedBytes
  }
}

/// A site's own cases, in memory or on its disk, and the parts that they are split into.
package struct SiteCases: Sendable {
  /// Where a case's voxels are.
  private enum Place: Sendable {
    case memory(PreparedCase)
    case file(StoredCase)
  }

  package let name: String
  package let records: [CaseRecord]
  private let places: [Place]
  package let split: CaseSplit
  /// Scans and label maps as the files lie on disk, in bytes.
  package let bytesOnDisk: Int
  /// The same, inflated.
  package let bytesUncompressed: Int
  /// Whether memory holds cases only while they are worked on.
  package var liesOnDisk: Bool {
    places.contains { if case .file = $0 { true } else { false } }
  }

  private init(
    name: String, records: [CaseRecord], places: [Place], split: CaseSplit, bytesOnDisk: Int,
    bytesUncompressed: Int
  ) {
    self.name = name
    self.records = records
    self.places = places
    self.split = split
    self.bytesOnDisk = bytesOnDisk
    self.bytesUncompressed = bytesUncompressed
  }

  /// Cases by their places among `records`. Throws `FileError.unreadable` where one is gone from its disk.
  package func cases(_ indices: [Int]) throws -> [PreparedCase] {
    try indices.map { index in
      switch places[index] {
      case .memory(let item): item
      case .file(let file): try file.load()
      }
    }
  }

  /// Reads, checks and harmonises every case of a site, as many side by side as memory allows.
  ///
  /// Throws the first case's error by name: `FileError`, `ImagingError` or `PreparationError`; cases that `skipped` takes up
  /// are left out of their part.
  package static func load(
    _ folder: SiteFolder, reading: CaseReading, split: CaseSplit, skipping skipped: SkippedCases = .none,
    progress: ProgressLine? = nil
  ) throws -> SiteCases {
    let read = try reading.forEach(folder.cases) { index, loop -> (CaseRecord, Place)? in
      try Interruption.check(kept: "Nothing was written.")
      defer { progress?.advance(note: folder.name) }
      let files = folder.cases[index]
      return try skipped.attempt(site: folder.name, name: files.name) {
        let (item, file) = try reading.stored(files, site: folder.name, needsLabels: true, loop: loop)
        return (CaseRecord(item), file.map { .file($0) } ?? .memory(item))
      }
    }
    let found = read.compactMap { $0 }
    try reading.checkRoom(for: found.compactMap { if case .memory(let item) = $0.1 { item } else { nil } })
    let kept = read.indices.filter { read[$0] != nil }
    let onDisk = try kept.flatMap { folder.cases[$0].paths }.reduce(0) { $0 + (try size(of: $1)) }
    return SiteCases(
      name: folder.name, records: found.map(\.0), places: found.map(\.1), split: split.keeping(kept),
      bytesOnDisk: onDisk, bytesUncompressed: found.reduce(0) { $0 + $1.0.uncompressedBytes })
  }

  /// SHA-256 of the cases' scans and label maps.
  package var digest: String {
    let lines = records.map { "\($0.contentHash) \($0.labelsDigest ?? "")" }
    return Digest.sha256Hex(Data(lines.joined(separator: "\n").utf8))
  }

  /// The same cases in other parts.
  package func with(_ split: CaseSplit) -> SiteCases {
    SiteCases(
      name: name, records: records, places: places, split: split, bytesOnDisk: bytesOnDisk,
      bytesUncompressed: bytesUncompressed)
  }

  /// All sites' cases as if they lay at one: what centralised training sees.
  ///
  /// Each site's split stays as it is; case names get their site in front.
  package static func pooled(_ sites: [SiteCases], name: String) -> SiteCases {
    var records: [CaseRecord] = []
    var places: [Place] = []
    var parts: (training: [Int], validation: [Int], test: [Int]) = ([], [], [])
    for site in sites {
      let first = records.count
      parts.training += site.split.training.map { $0 + first }
      parts.validation += site.split.validation.map { $0 + first }
      parts.test += site.split.test.map { $0 + first }
      records += site.records
      places += site.places
    }
    return SiteCases(
      name: name, records: records, places: places,
      split: CaseSplit(training: parts.training, validation: parts.validation, test: parts.test),
      bytesOnDisk: sites.reduce(0) { $0 + $1.bytesOnDisk },
      bytesUncompressed: sites.reduce(0) { $0 + $1.bytesUncompressed })
  }

  /// A link counts as what it leads to: scans lie in stores of their own (git-annex, DVC) as often as not.
  private static func size(of path: String) throws -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: Folder.place(path))
    guard let size = attributes?[.size] as? Int else { throw FileError.notFound(path: path) }
    return size
  }
}
