import Foundation
import Foundations

/// Every file of a data set that a copy of it needs, by its path below the data set's folder.
package struct DatasetFiles: Sendable, Equatable {
  /// The folder; for a table or a partition file, the one that it lies in.
  package let root: String
  /// Scans, label maps and brain masks, also those that no case has (test images); a header/image pair by its header. Sorted.
  package let scans: [String]
  /// What else the layout reads: `dataset.json`, tables. Sorted.
  package let others: [String]

  /// Names of files that layouts read beside scans.
  private static let tables: Set<String> = ["dataset.json", "dataset_description.json", "participants.tsv"]

  /// Folders are searched, through links too, hidden entries left out; of a CSV manifest, what it lists is taken.
  ///
  /// Throws `FileError` or `LayoutError`.
  package init(_ path: String, survey: DatasetSurvey) throws {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    let isTable = path.lowercased().hasSuffix(".csv")
    let root = (isTable ? url.deletingLastPathComponent() : url).path
    self.root = root
    if survey.layout == .csv {
      let listed = survey.sites.flatMap(\.cases).flatMap(\.files.paths)
      scans = try Set(listed).sorted().map { file in
        let place = URL(fileURLWithPath: file).standardizedFileURL.path
        guard place.hasPrefix(root + "/") else { throw LayoutError.outside(list: path, path: file) }
        return String(place.dropFirst(root.count + 1))
      }
      others = [url.lastPathComponent]
      return
    }
    var found: (scans: [String], others: [String]) = ([], [])
    var seen: Set<String> = []
    func search(_ folder: String) throws {
      let place = folder.isEmpty ? root : root + "/" + folder
      guard seen.insert(URL(fileURLWithPath: place).resolvingSymlinksInPath().path).inserted else { return }
      let entries = try FolderListing.entries(of: place)
      for name in entries {
        let file = folder.isEmpty ? name : folder + "/" + name
        if Folder.exists(place + "/" + name) {
          try search(file)
        } else if let stem = ScanName.stem(of: name) {
          let isHalf = name.lowercased().contains(".img")
          let hasHeader = [".hdr", ".hdr.gz"].contains { entries.contains(stem + $0) }
          if !(isHalf && hasHeader) { found.scans.append(file) }
        } else if Self.tables.contains(name)
          || survey.layout == .fets && FeTSPartition.files(in: place).contains(name)
        {
          found.others.append(file)
        }
      }
    }
    try search("")
    scans = found.scans.sorted()
    others = found.others.sorted()
  }
}
