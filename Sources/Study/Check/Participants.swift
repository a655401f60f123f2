import Foundation
import Foundations
import Imaging

/// A site's `participants.tsv` as BIDS has it, and the units that `participants.json` gives its columns.
struct Participants {
  /// nil where there is none.
  let path: String?
  /// Without `participant_id` and `site`.
  let columns: [String]
  private let rows: [String: [String]]
  let units: [String: String]

  /// Beside the site's cases, or beside the data set. Throws `CSVError`, `FileError`, `StudyError.field`.
  init(site: SiteListing, data: String) throws {
    let isTable = !Folder.exists(data)
    let folders = [site.path, isTable ? (data as NSString).deletingLastPathComponent : data]
    let found = folders.map { ($0.isEmpty ? "." : $0) + "/participants.tsv" }
      .first { FileManager.default.fileExists(atPath: $0) }
    path = found
    guard let found else {
      (columns, rows, units) = ([], [:], [:])
      return
    }
    guard let text = FileManager.default.contents(atPath: found) else {
      throw FileError.unreadable(path: found, reason: "not a readable file")
    }
    let table = try CSVTable(String(decoding: text, as: UTF8.self), path: found, separator: "\t")
    guard let id = table.column("participant_id") else {
      throw StudyError.field(
        path: found, field: "participant_id", found: "no such column", expected: "one that names the cases")
    }
    let ofSite = table.column("site")
    let kept = table.columns.indices.filter { $0 != id && $0 != ofSite }
    columns = kept.map { table.columns[$0] }
    for name in columns
    where columns.count(where: { $0.lowercased() == name.lowercased() }) > 1
      || ScanProperty.isReserved(name)
    {
      throw StudyError.field(
        path: found, field: name, found: "a column that scans have too, or one that is there twice",
        expected: "another name")
    }
    // Two sites may count their patients alike.
    let own = table.rows.filter { row in
      ofSite.map { row[$0] == site.name || ["", "n/a"].contains(row[$0]) } ?? true
    }
    if let twice = Dictionary(grouping: own, by: { $0[id] }).filter({ $0.value.count > 1 }).keys.min() {
      let line = own.firstIndex { $0[id] == twice }.map { $0 + 2 } ?? 0
      throw StudyError.field(
        path: found, field: "participant_id", found: "two rows of one case (one is line \(line))",
        expected: "one row a case")
    }
    rows = Dictionary(uniqueKeysWithValues: own.map { row in (row[id], kept.map { row[$0] }) })
    units = Self.units((found as NSString).deletingPathExtension + ".json")
  }

  private static func units(_ path: String) -> [String: String] {
    guard let data = FileManager.default.contents(atPath: path),
      let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    else { return [:] }
    return object.compactMapValues { ($0 as? [String: Any])?["Units"] as? String }
  }

  /// A case's row, by its name or its subject's; empty fields where there is none.
  func row(of name: String) -> [String] {
    let subject = name.split(separator: "_").first.map(String.init) ?? name
    return rows[name] ?? rows[subject] ?? rows["sub-" + name] ?? columns.map { _ in "" }
  }
}

/// What a scan's header and a label map tell of a case, as columns for rules.
enum ScanProperty {
  static let ofHeader = [
    "site", "contrasts", "labelled", "voxels_x", "voxels_y", "voxels_z", "spacing_x", "spacing_y",
    "spacing_z", "orientation", "data_type",
  ]
  /// Of all labels; `label_4_ml` is that of one.
  static let labelVolume = "label_ml"

  /// SQLite's own names of a row's number among them.
  static func isReserved(_ name: String) -> Bool {
    ["rowid", "oid", "_rowid_"].contains(name.lowercased()) || ofHeader.contains(name.lowercased())
      || isLabelVolume(name)
  }

  static func isLabelVolume(_ name: String) -> Bool {
    name.lowercased() == labelVolume || label(of: name) != nil
  }

  /// 4 of `label_4_ml`.
  static func label(of name: String) -> UInt16? {
    let parts = name.lowercased().split(separator: "_")
    return parts.count == 3 && parts[0] == "label" && parts[2] == "ml" ? UInt16(parts[1]) : nil
  }
}
