import Foundation
import Foundations

/// FeTS' `partitioning_*.csv`, which says at which site each case of one folder lies.
enum FeTSPartition {
  /// Partition files of a folder, by name.
  static func files(in folder: String) -> [String] {
    ((try? FolderListing.entries(of: folder)) ?? []).filter {
      $0.lowercased().hasPrefix("partitioning") && $0.lowercased().hasSuffix(".csv")
    }
  }

  static func isPartition(_ path: String) throws -> Bool {
    let table = try CSVTable(FolderListing.text(of: path), path: path)
    return table.column("Partition_ID") != nil && table.column("Subject_ID") != nil
  }

  /// `path` is the folder, whose first partition file by name counts, or a partition file in it.
  ///
  /// Site names are `site-<Partition_ID>`, numbers with leading zeros. Throws `FileError`, `CSVError`, `LayoutError`
  /// or `ImagingError`.
  static func find(_ path: String) throws -> FoundDataset {
    let isFile = path.lowercased().hasSuffix(".csv")
    let folder = isFile ? URL(fileURLWithPath: path).deletingLastPathComponent().path : path
    guard let file = isFile ? path : files(in: folder).first.map({ folder + "/" + $0 }) else {
      throw LayoutError.unlike(path: path, layout: .fets)
    }
    let table = try CSVTable(FolderListing.text(of: file), path: file)
    guard let partition = table.column("Partition_ID"), let subject = table.column("Subject_ID") else {
      throw LayoutError.missingColumns(
        path: file, missing: ["Partition_ID", "Subject_ID"].filter { table.column($0) == nil },
        found: table.columns)
    }
    let width = table.rows.map { $0[partition].count }.max() ?? 1
    var seen: Set<String> = []
    var cases: [FoundCase] = []
    for row in table.rows {
      let (name, place) = (row[subject], row[partition])
      guard seen.insert(name).inserted else { throw LayoutError.repeatedCase(path: file, name: name) }
      let caseFolder = folder + "/" + name
      let padded = String(repeating: "0", count: max(0, width - place.count)) + place
      let site = Int(place) == nil ? place : "site-" + padded
      cases.append(
        try .listing(site: site, sitePath: folder, name: name, path: caseFolder) {
          guard Folder.exists(caseFolder) else {
            throw LayoutError.listedButMissing(list: file, path: caseFolder)
          }
          return try CaseFolders.found(caseFolder, name: name, site: site, sitePath: folder)
        })
    }
    let unlisted = try FolderListing.subfolders(of: folder).filter {
      !seen.contains($0) && CaseFolders.holdsScans(folder + "/" + $0)
    }
    if !unlisted.isEmpty { throw LayoutError.unlisted(list: file, cases: unlisted) }
    if cases.isEmpty { throw LayoutError.unlike(path: path, layout: .fets) }
    return CaseFolders.named(cases, layout: .fets)
  }
}
