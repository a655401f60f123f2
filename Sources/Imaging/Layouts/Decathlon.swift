import Foundation
import Foundations

/// Medical Segmentation Decathlon: `dataset.json` lists the cases; a 4D file holds all contrasts of one.
enum Decathlon {
  /// The training cases, all at one site named after the folder. Throws `FileError`, `LayoutError` or `ImagingError`.
  static func find(_ path: String) throws -> FoundDataset {
    let description = try DatasetDescription(path + "/dataset.json")
    let listed = description.training ?? []
    if listed.isEmpty { throw LayoutError.unlike(path: path, layout: .decathlon) }
    let site = FolderListing.name(of: path)
    var seen: Set<String> = []
    let cases: [FoundCase] = try listed.map { entry in
      let image = path + "/" + plain(entry.image)
      guard let name = ScanName.stem(of: FolderListing.name(of: image)) else {
        throw LayoutError.fileName(path: image, expected: "<case>.nii.gz")
      }
      guard seen.insert(name).inserted else {
        throw LayoutError.repeatedCase(path: description.path, name: name)
      }
      return try .listing(site: site, sitePath: path, name: name, path: image) {
        for file in [image] + (entry.label.map { [path + "/" + plain($0)] } ?? [])
        where !FileManager.default.fileExists(atPath: file) {
          throw LayoutError.listedButMissing(list: description.path, path: file)
        }
        let isStack = description.contrasts.count > 1
        return FoundCase(
          site: site, sitePath: path, name: name, path: image,
          images: description.contrasts.enumerated().map { volume, contrast in
            CaseFiles.Image(contrast: contrast, path: image, volume: isStack ? volume : nil)
          },
          label: entry.label.map { path + "/" + plain($0) },
          expectedLabel: path + "/labelsTr/\(name).nii.gz")
      }
    }
    return FoundDataset(
      layout: .decathlon, contrasts: description.contrasts, labels: description.labels,
      regions: description.regions, cases: cases)
  }

  private static func plain(_ path: String) -> String {
    path.hasPrefix("./") ? String(path.dropFirst(2)) : path
  }
}
