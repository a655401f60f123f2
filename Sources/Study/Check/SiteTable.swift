import Foundation
import Foundations
import Imaging

/// The table that a site's cohort rules are asked of: `participants.tsv`, and what scans tell.
enum SiteTable {
  /// Headers are read, and label maps where a rule asks for a volume. What cannot be read is missing here, and told of as a fault of
  /// its case.
  static func make(
    _ site: SiteListing, participants: Participants, asked: [String], loop: ParallelLoop
  ) throws -> CaseTable {
    // However often and however they are written.
    let volumes = Set(asked.filter(ScanProperty.isLabelVolume).map { $0.lowercased() }).sorted()
    var table = CaseTable(columns: participants.columns + ScanProperty.ofHeader + volumes)
    let rows = site.cases.map { participants.row(of: $0.name) }
    // Column by column: one is of numbers where all of it are.
    let told = participants.columns.indices.map { column in CaseTable.values(rows.map { $0[column] }) }
    let scans = try loop.map(site.cases.count) { index in
      start(of: site.cases[index], site: site.name) + header(of: site.cases[index])
        + volumeValues(of: site.cases[index], volumes)
    }
    for (index, item) in site.cases.enumerated() {
      table.add(item.name, told.map { $0[index] } + scans[index])
    }
    return table
  }

  private static func start(of item: CaseFiles, site: String) -> [CaseTable.Value] {
    [
      .text(site), .text(item.images.map(\.contrast).joined(separator: " ")),
      .number(item.label == nil ? 0 : 1),
    ]
  }

  /// Of the first scan.
  private static func header(of item: CaseFiles) -> [CaseTable.Value] {
    let missing = [CaseTable.Value](repeating: .missing, count: 8)
    guard let path = item.images.first?.path else { return missing }
    if PNG.isNamed(path) {
      guard let header = try? PNG.header(path) else { return missing }
      return (0..<3).map { .number(Double(header.size[$0])) }
        + [.missing, .missing, .missing, .missing, .text("\(header.bitDepth) bits")]
    }
    guard let header = try? NIfTI.header(path), let affine = try? header.affine(path: path) else {
      return missing
    }
    let axes = affine.permutationToRAS.sources
    return (0..<3).map { .number(Double(header.size[axes[$0]])) }
      // Rules are written by people: 2.4 is 2.4, whatever a header's float makes of it.
      + (0..<3).map { .number((affine.spacing[axes[$0]] * 10_000).rounded() / 10_000) }
      + [.text(affine.orientation), .text("\(header.dataType)")]
  }

  private static func volumeValues(of item: CaseFiles, _ columns: [String]) -> [CaseTable.Value] {
    if columns.isEmpty { return [] }
    guard let path = item.label, let map = try? CaseLoader.readLabels(path) else {
      return columns.map { _ in .missing }
    }
    let spacing = map.geometry.spacing
    let millilitres = spacing.x * spacing.y * spacing.z / 1000
    return columns.map { column in
      let wanted = ScanProperty.label(of: column)
      let voxels = map.counts.filter { wanted == nil ? $0.label != 0 : $0.label == wanted }
      return .number(Double(voxels.reduce(0) { $0 + $1.voxels }) * millilitres)
    }
  }
}
