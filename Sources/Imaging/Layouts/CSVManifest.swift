import Foundation
import Foundations

/// A table of cases: columns `site`, `case`, one for each contrast, `label` and, if there is one, `mask`; paths are relative to the table.
enum CSVManifest {
  /// Throws `FileError`, `CSVError`, `LayoutError` or `ImagingError`.
  static func find(_ path: String) throws -> FoundDataset {
    let table = try CSVTable(FolderListing.text(of: path), path: path)
    guard let site = table.column("site"), let name = table.column("case") else {
      throw LayoutError.missingColumns(
        path: path, missing: ["site", "case"].filter { table.column($0) == nil }, found: table.columns)
    }
    let label = table.column("label")
    let mask = table.column("mask")
    let contrasts = table.columns.indices.filter { ![site, name, label, mask].contains($0) }
    if contrasts.isEmpty {
      throw LayoutError.missingColumns(path: path, missing: ["a contrast, such as t1"], found: table.columns)
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    func file(_ text: String) throws -> String? {
      if text.isEmpty { return nil }
      let file = text.hasPrefix("/") ? text : folder + "/" + text
      guard FileManager.default.fileExists(atPath: file) else {
        throw LayoutError.listedButMissing(list: path, path: file)
      }
      return file
    }
    var seen: Set<[String]> = []
    let cases: [FoundCase] = try table.rows.map { row in
      guard !row[site].isEmpty, !row[name].isEmpty, !row[site].contains("/"), !row[name].contains("/") else {
        throw LayoutError.emptyName(path: path)
      }
      guard seen.insert([row[site], row[name]]).inserted else {
        throw LayoutError.repeatedCase(path: path, name: row[name])
      }
      return try .listing(site: row[site], sitePath: folder, name: row[name], path: path) {
        FoundCase(
          site: row[site], sitePath: folder, name: row[name], path: "\(path)/\(row[site])/\(row[name])",
          images: try contrasts.compactMap { column in
            try file(row[column]).map { CaseFiles.Image(contrast: table.columns[column], path: $0) }
          },
          label: try label.flatMap { try file(row[$0]) }, expectedLabel: "a path in the column label",
          mask: try mask.flatMap { try file(row[$0]) })
      }
    }
    if cases.isEmpty { throw LayoutError.unlike(path: path, layout: .csv) }
    return FoundDataset(layout: .csv, contrasts: contrasts.map { table.columns[$0] }, cases: cases)
  }
}
