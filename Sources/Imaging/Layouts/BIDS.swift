import Foundation
import Foundations

/// Brain Imaging Data Structure: `sub-<label>[/ses-<label>]/anat/sub-…_<suffix>.nii.gz`, and label maps of the same
/// subject and session in `derivatives`, whose suffix is `dseg`, `mask` or `seg`.
///
/// A contrast is the suffix with the entities that tell acquisitions apart (`ce-gadolinium_T1w`). Sites come from the
/// column `site` of `participants.tsv`, where there is one.
enum BIDS {
  private static let labelSuffixes: Set<String> = ["dseg", "mask", "seg"]
  /// Entities that say whose scan it is, or repeat what the folder says.
  private static let identity: Set<String> = ["sub", "ses"]

  /// Throws `FileError`, `CSVError`, `LayoutError` or `ImagingError`.
  static func find(_ path: String) throws -> FoundDataset {
    let sites = try participantSites(path)
    let labels = labelMaps(path)
    let ownSite = FolderListing.name(of: path)
    var cases: [FoundCase] = []
    for subject in try FolderListing.subfolders(of: path) where subject.hasPrefix("sub-") {
      let folder = path + "/" + subject
      let sessions = try FolderListing.subfolders(of: folder).filter { $0.hasPrefix("ses-") }
      for session in sessions.isEmpty ? [""] : sessions {
        let name = session.isEmpty ? subject : subject + "_" + session
        let anat = folder + (session.isEmpty ? "" : "/" + session) + "/anat"
        guard Folder.exists(anat) else { continue }
        let site = sites[subject] ?? ownSite
        cases.append(
          try .listing(site: site, sitePath: path, name: name, path: anat) {
            let images = try scans(anat)
            if images.isEmpty { throw ImagingError.noScans(path: anat, caseName: name) }
            let maps = labels[name]?.maps ?? []
            if maps.count > 1 { throw LayoutError.severalLabels(path: anat, found: maps) }
            return FoundCase(
              site: site, sitePath: path, name: name, path: anat, images: images, label: maps.first,
              expectedLabel: "derivatives/<pipeline>/\(subject)/…/\(name)_dseg.nii.gz",
              mask: labels[name]?.mask)
          })
      }
    }
    if cases.isEmpty { throw LayoutError.unlike(path: path, layout: .bids) }
    return FoundDataset(layout: .bids, cases: cases)
  }

  /// The scans of one `anat` folder.
  private static func scans(_ folder: String) throws -> [CaseFiles.Image] {
    var found: [String: [String]] = [:]
    for file in try FolderListing.entries(of: folder) {
      guard let stem = ScanName.stem(of: file) else { continue }
      let parts = stem.split(separator: "_").map(String.init)
      guard let suffix = parts.last, parts.first?.hasPrefix("sub-") == true, !labelSuffixes.contains(suffix)
      else {
        continue
      }
      let contrast = parts.filter { part in !identity.contains(entity(part)) }.joined(separator: "_")
      found[contrast, default: []].append(file)
    }
    return try found.keys.sorted().map { contrast in
      let files = found[contrast] ?? []
      guard files.count == 1 else {
        throw ImagingError.severalFiles(path: folder, contrast: contrast, found: files)
      }
      return CaseFiles.Image(contrast: contrast, path: folder + "/" + files[0])
    }
  }

  /// Label maps below `derivatives` by case, and its brain mask (`desc-brain_mask`).
  private static func labelMaps(_ path: String) -> [String: (maps: [String], mask: String?)] {
    let folder = path + "/derivatives"
    guard Folder.exists(folder) else { return [:] }
    var found: [String: (maps: [String], mask: String?)] = [:]
    for file in (FileManager.default.subpaths(atPath: folder) ?? []).sorted() {
      guard let stem = ScanName.stem(of: FolderListing.name(of: file)) else { continue }
      let parts = stem.split(separator: "_").map(String.init)
      guard let suffix = parts.last, labelSuffixes.contains(suffix) else { continue }
      let name = parts.filter { identity.contains(entity($0)) }.joined(separator: "_")
      if suffix == "mask" && parts.contains("desc-brain") {
        found[name, default: ([], nil)].mask = folder + "/" + file
      } else {
        found[name, default: ([], nil)].maps.append(folder + "/" + file)
      }
    }
    return found
  }

  private static func participantSites(_ path: String) throws -> [String: String] {
    let file = path + "/participants.tsv"
    guard FileManager.default.fileExists(atPath: file) else { return [:] }
    let table = try CSVTable(FolderListing.text(of: file), path: file, separator: "\t")
    guard let subject = table.column("participant_id"), let site = table.column("site") else { return [:] }
    var sites: [String: String] = [:]
    for row in table.rows where !row[site].isEmpty && row[site] != "n/a" { sites[row[subject]] = row[site] }
    return sites
  }

  private static func entity(_ part: String) -> String {
    part.split(separator: "-").first.map(String.init) ?? part
  }
}
