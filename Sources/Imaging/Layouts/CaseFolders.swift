import Foundation
import Foundations

/// Cases in folders of their own: `<case>/<case>_<contrast>.nii.gz` (also `.nii`, `.hdr` with `.img`, `.png`; also
/// `-` before the contrast), label maps under the contrast `seg`,
/// brain masks under `mask`. BraTS' years and FeTS lie so.
enum CaseFolders {
  private static let tumourLabels2021 = [
    LabelName(value: 1, name: "necrotic core"), LabelName(value: 2, name: "edema"),
    LabelName(value: 4, name: "enhancing tumour"),
  ]
  private static let tumourLabels2023 = [
    LabelName(value: 1, name: "necrotic core"), LabelName(value: 2, name: "edema"),
    LabelName(value: 3, name: "enhancing tumour"),
  ]
  private static let contrasts2021 = ["t1", "t1ce", "t2", "flair"]
  private static let contrasts2023 = ["t1n", "t1c", "t2w", "t2f"]
  /// BraTS' folders of tumour grades, which are no sites.
  private static let grades: Set<String> = ["HGG", "LGG"]

  /// Sites in folders, or the cases of one site. Throws `FileError` or `ImagingError` where there is no case at all.
  static func find(_ path: String) throws -> FoundDataset {
    let folders = try FolderListing.subfolders(of: path)
    var cases: [FoundCase] = []
    var layout = DatasetLayout.sites
    let isFlat = folders.contains { CaseListing.holdsScans(path + "/" + $0) }
    if isFlat || (!folders.isEmpty && folders.allSatisfy(grades.contains)) {
      let site = FolderListing.name(of: path)
      let groups = isFlat ? [path] : folders.map { path + "/" + $0 }
      for group in groups { cases += try self.cases(in: group, site: site, sitePath: path) }
      layout = .brats
    } else {
      for site in folders {
        cases += try self.cases(in: path + "/" + site, site: site, sitePath: path + "/" + site)
      }
    }
    if cases.isEmpty { throw ImagingError.noCases(path: path) }
    return named(cases, layout: layout)
  }

  /// A data set with the contrasts and labels of the year that its files' names tell.
  static func named(_ cases: [FoundCase], layout: DatasetLayout) -> FoundDataset {
    let found = Set(cases.flatMap { $0.images.map(\.contrast) })
    var dataset = FoundDataset(layout: layout, cases: cases)
    if found == Set(contrasts2021) {
      (dataset.contrasts, dataset.labels) = (contrasts2021, tumourLabels2021)
    } else if found == Set(contrasts2023) {
      (dataset.contrasts, dataset.labels) = (contrasts2023, tumourLabels2023)
      if layout == .brats { dataset.layout = .brats2023 }
    } else if layout == .brats {
      dataset.layout = .sites
    }
    return dataset
  }

  /// The cases of one folder. Throws as `find`.
  static func cases(in folder: String, site: String, sitePath: String) throws -> [FoundCase] {
    let names = try FolderListing.subfolders(of: folder)
    if names.isEmpty {
      let fault = ImagingError.noCases(path: folder)
      return [FoundCase(site: site, sitePath: sitePath, name: nil, path: folder, fault: fault)]
    }
    return try names.map { try found(folder + "/" + $0, name: $0, site: site, sitePath: sitePath) }
  }

  /// One case, faulty where its folder is.
  static func found(_ folder: String, name: String, site: String, sitePath: String) throws -> FoundCase {
    try .listing(site: site, sitePath: sitePath, name: name, path: folder) {
      let listing = try CaseListing(folder: folder, name: name)
      return FoundCase(
        site: site, sitePath: sitePath, name: name, path: folder, images: listing.images,
        label: listing.label, expectedLabel: "\(name)_\(CaseListing.labelSuffix).nii.gz", mask: listing.mask)
    }
  }

  static func holdsScans(_ folder: String) -> Bool { CaseListing.holdsScans(folder) }
}

/// The scan files of one case folder, by contrast.
private struct CaseListing {
  static let labelSuffix = "seg"
  private static let maskSuffixes = ["mask", "brainmask", "brain_mask"]

  let images: [CaseFiles.Image]
  let label: String?
  let mask: String?

  init(folder: String, name: String) throws {
    var found: [String: [String]] = [:]
    for file in try FolderListing.entries(of: folder) {
      guard let stem = ScanName.stem(of: file) else { continue }
      guard stem.count > name.count + 1, stem.hasPrefix(name + "_") || stem.hasPrefix(name + "-") else {
        throw ImagingError.foreignFile(path: folder + "/" + file, expectedPrefix: name + "_")
      }
      found[String(stem.dropFirst(name.count + 1)), default: []].append(file)
    }
    if found.isEmpty { throw ImagingError.noScans(path: folder, caseName: name) }
    var files: [String: String] = [:]
    for contrast in found.keys.sorted() {
      let candidates = ScanName.withoutPartners(found[contrast] ?? [])
      guard candidates.count == 1 else {
        throw ImagingError.severalFiles(path: folder, contrast: contrast, found: candidates)
      }
      files[contrast] = folder + "/" + candidates[0]
    }
    label = files.removeValue(forKey: Self.labelSuffix)
    mask = Self.maskSuffixes.compactMap { files.removeValue(forKey: $0) }.first
    images = files.keys.sorted().map { CaseFiles.Image(contrast: $0, path: files[$0] ?? "") }
  }

  static func holdsScans(_ folder: String) -> Bool {
    ((try? FolderListing.entries(of: folder)) ?? []).contains { ScanName.stem(of: $0) != nil }
  }
}

/// Names of scan files.
enum ScanName {
  private static let extensions = [".nii.gz", ".nii", ".hdr.gz", ".hdr", ".img.gz", ".img", ".png"]

  /// A file's name without its ending; nil where it is no scan's.
  static func stem(of file: String) -> String? {
    extensions.first { file.lowercased().hasSuffix($0) }.map { String(file.dropLast($0.count)) }
  }

  /// An `.img` whose `.hdr` lies beside it is read through that one.
  static func withoutPartners(_ files: [String]) -> [String] {
    let headers = files.filter { $0.hasSuffix(".hdr") || $0.hasSuffix(".hdr.gz") }
    let isImage = { (file: String) in file.hasSuffix(".img") || file.hasSuffix(".img.gz") }
    return headers.count == 1 ? files.filter { !isImage($0) } : files
  }
}
