import Foundation
import Foundations
import Imaging

/// The table that a site's cohort rules are asked of: `participants.tsv`, and what scans tell.
enum SiteTable {
  /// Headers are read, and label maps where a rule asks for a volume. Throws `FileError`, `ImagingError`.
  static func make(
    _ site: SiteListing, participants: Participants, asked: [String], loop: ParallelLoop
  ) throws -> CaseTable {
    let volumes = asked.filter(ScanProperty.isLabelVolume)
    var table = CaseTable(columns: participants.columns + ScanProperty.ofHeader + volumes)
    let rows = site.cases.map { participants.row(of: $0.name) }
    // Column by column: one is of numbers where all of it are.
    let told = participants.columns.indices.map { column in CaseTable.values(rows.map { $0[column] }) }
    let scans = try loop.map(site.cases.count) { index in
      try properties(of: site.cases[index], site: site.name) + volumeValues(of: site.cases[index], volumes)
    }
    for (index, item) in site.cases.enumerated() {
      table.add(item.name, told.map { $0[index] } + scans[index])
    }
    return table
  }

  private static func properties(of item: CaseFiles, site: String) throws -> [CaseTable.Value] {
    let contrasts = item.images.map(\.contrast).joined(separator: " ")
    let start: [CaseTable.Value] = [
      .text(site), .text(contrasts), .number(item.label == nil ? 0 : 1),
    ]
    guard let path = item.images.first?.path else {
      return start + [CaseTable.Value](repeating: .missing, count: 8)
    }
    if PNG.isNamed(path) {
      let header = try PNG.header(path)
      return start + (0..<3).map { .number(Double(header.size[$0])) }
        + [.missing, .missing, .missing, .missing, .text("\(header.bitDepth) bits")]
    }
    let header = try NIfTI.header(path)
    let affine = try header.affine(path: path)
    let axes = affine.permutationToRAS.sources
    return start + (0..<3).map { .number(Double(header.size[axes[$0]])) }
      // Rules are written by people: 2.4 is 2.4, whatever a header's float makes of it.
      + (0..<3).map { .number((affine.spacing[axes[$0]] * 10_000).rounded() / 10_000) }
      + [.text(affine.orientation), .text("\(header.dataType)")]
  }

  private static func volumeValues(of item: CaseFiles, _ columns: [String]) throws -> [CaseTable.Value] {
    if columns.isEmpty { return [] }
    guard let path = item.label else { return columns.map { _ in .missing } }
    let map = try CaseLoader.readLabels(path)
    let spacing = map.geometry.spacing
    let millilitres = spacing.x * spacing.y * spacing.z / 1000
    return columns.map { column in
      let wanted = ScanProperty.label(of: column)
      let voxels = map.counts.filter { wanted == nil ? $0.label != 0 : $0.label == wanted }
      return .number(Double(voxels.reduce(0) { $0 + $1.voxels }) * millilitres)
    }
  }
}
