import Foundation
import Foundations

/// nnU-Net's raw folder: `imagesTr/<case>_0000.nii.gz`, `labelsTr/<case>.nii.gz` and `dataset.json` (versions 1 and 2).
enum NNUNetRaw {
  /// The training cases, all at one site named after the folder. Throws `FileError`, `LayoutError` or `ImagingError`.
  static func find(_ path: String) throws -> FoundDataset {
    let description = try DatasetDescription(path + "/dataset.json")
    let ending = description.fileEnding ?? ".nii.gz"
    let images = path + "/imagesTr"
    let site = FolderListing.name(of: path)
    var files: [String: [Int: String]] = [:]
    var faulty: [FoundCase] = []
    for file in try FolderListing.entries(of: images) where file.hasSuffix(ending) {
      let stem = String(file.dropLast(ending.count))
      // Four digits, as nnU-Net asks for.
      guard let mark = stem.lastIndex(of: "_"), stem[mark...].count == 5,
        let channel = Int(stem[stem.index(after: mark)...])
      else {
        let fault = LayoutError.fileName(path: images + "/" + file, expected: "<case>_0000\(ending)")
        faulty.append(FoundCase(site: site, sitePath: path, name: nil, path: images, fault: fault))
        continue
      }
      files[String(stem[..<mark]), default: [:]][channel] = images + "/" + file
    }
    if files.isEmpty && faulty.isEmpty { throw LayoutError.unlike(path: path, layout: .nnunet) }
    let cases = files.keys.sorted().map { name in
      let channels = files[name] ?? [:]
      let strange = channels.keys.filter { $0 >= description.contrasts.count }.min()
      let label = path + "/labelsTr/" + name + ending
      return FoundCase(
        site: site, sitePath: path, name: name, path: images + "/" + name,
        images: channels.keys.sorted().filter { $0 < description.contrasts.count }.map { channel in
          CaseFiles.Image(contrast: description.contrasts[channel], path: channels[channel] ?? "")
        },
        label: FileManager.default.fileExists(atPath: label) ? label : nil, expectedLabel: label,
        fault: strange.map { number in
          LayoutError.channel(
            path: channels[number] ?? images, number: number, known: description.contrasts,
            list: description.path)
        })
    }
    return FoundDataset(
      layout: .nnunet, contrasts: description.contrasts, labels: description.labels,
      regions: description.regions, cases: faulty + cases)
  }
}
