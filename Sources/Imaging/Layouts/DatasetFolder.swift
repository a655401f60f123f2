import Foundation
import Foundations

/// The scans of one case on disk.
package struct CaseFiles: Sendable, Equatable {
  /// One scan of a case.
  package struct Image: Sendable, Equatable {
    package let contrast: String
    package let path: String

    package init(contrast: String, path: String) {
      self.contrast = contrast
      self.path = path
    }
  }

  package let name: String
  /// In the data set's contrast order; a PNG in colour is one file here, and three contrasts once loaded.
  package let images: [Image]
  /// The label map, nil where the case has none.
  package let label: String?

  package init(name: String, images: [Image], label: String?) {
    self.name = name
    self.images = images
    self.label = label
  }
}

/// One site's folder and the cases in it, sorted by name.
package struct SiteFolder: Sendable, Equatable {
  package let name: String
  package let path: String
  package let cases: [CaseFiles]

  package init(name: String, path: String, cases: [CaseFiles]) {
    self.name = name
    self.path = path
    self.cases = cases
  }
}

/// A data set as it lies on disk: `<site>/<case>/<case>_<contrast>.nii.gz` (also `.nii`, `.hdr` with
/// `.img`, `.png`; also `-` before the contrast), label maps under the contrast `seg`.
package struct DatasetFolder: Sendable, Equatable {
  /// Sorted by name.
  package let sites: [SiteFolder]

  package init(sites: [SiteFolder]) {
    self.sites = sites
  }

  /// The contrasts that every case has: BraTS' t1, t1ce, t2, flair first, then the others by name.
  package var contrasts: [String] { sites.first?.cases.first?.images.map(\.contrast) ?? [] }

  /// Finds sites and cases under `path`; a folder that holds cases itself is one site, named after it.
  ///
  /// Every case must have every contrast that any case has, and with `requireLabels` a label map. Hidden
  /// files, and files beside folders, are left alone. Nothing is read. Throws `FileError` or
  /// `ImagingError`.
  package static func discover(_ path: String, requireLabels: Bool) throws -> DatasetFolder {
    let folders = try CaseListing.subfolders(of: path)
    var listings: [(site: String, path: String, cases: [CaseListing])] = []
    if folders.contains(where: { CaseListing.holdsScans(path + "/" + $0) }) {
      let site = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
      listings = [(site, path, try folders.map { try CaseListing(folder: path + "/" + $0, name: $0) })]
    } else {
      for site in folders {
        let sitePath = path + "/" + site
        let cases = try CaseListing.subfolders(of: sitePath)
        if cases.isEmpty { throw ImagingError.noCases(path: sitePath) }
        listings.append(
          (site, sitePath, try cases.map { try CaseListing(folder: sitePath + "/" + $0, name: $0) }))
      }
    }
    if listings.isEmpty { throw ImagingError.noCases(path: path) }
    let found = Set(listings.flatMap { $0.cases.flatMap(\.contrasts) })
    let contrasts = order(found)
    return DatasetFolder(
      sites: try listings.map { site in
        SiteFolder(
          name: site.site, path: site.path,
          cases: try site.cases.map { try $0.files(contrasts: contrasts, requireLabel: requireLabels) })
      })
  }

  /// The case that lies in a folder of its own, nil where the folder itself holds no scans. Throws `ImagingError`.
  package static func caseFolder(_ path: String) throws -> CaseFiles? {
    guard CaseListing.holdsScans(path) else { return nil }
    let name = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
    let listing = try CaseListing(folder: path, name: name)
    return try listing.files(contrasts: order(Set(listing.contrasts)), requireLabel: false)
  }

  private static func order(_ contrasts: Set<String>) -> [String] {
    let first = ["t1", "t1ce", "t2", "flair"]
    return first.filter(contrasts.contains) + contrasts.subtracting(first).sorted()
  }
}

/// The scan files of one case folder, by contrast.
private struct CaseListing {
  private static let labelSuffix = "seg"
  private static let extensions = [".nii.gz", ".nii", ".hdr.gz", ".hdr", ".img.gz", ".img", ".png"]

  let folder: String
  let name: String
  private let files: [String: String]

  var contrasts: [String] { files.keys.filter { $0 != Self.labelSuffix } }

  init(folder: String, name: String) throws {
    var found: [String: [String]] = [:]
    for file in try Self.entries(of: folder) {
      guard let stem = Self.stem(of: file) else { continue }
      guard stem.count > name.count + 1, stem.hasPrefix(name + "_") || stem.hasPrefix(name + "-") else {
        throw ImagingError.foreignFile(path: folder + "/" + file, expectedPrefix: name + "_")
      }
      found[String(stem.dropFirst(name.count + 1)), default: []].append(file)
    }
    if found.isEmpty { throw ImagingError.noScans(path: folder, caseName: name) }
    var files: [String: String] = [:]
    for contrast in found.keys.sorted() {
      let candidates = Self.withoutPartners(found[contrast]!)
      guard candidates.count == 1 else {
        throw ImagingError.severalFiles(path: folder, contrast: contrast, found: candidates)
      }
      files[contrast] = candidates[0]
    }
    self.folder = folder
    self.name = name
    self.files = files
  }

  func files(contrasts: [String], requireLabel: Bool) throws -> CaseFiles {
    let missing = contrasts.filter { files[$0] == nil }
    if contrasts.isEmpty || !missing.isEmpty {
      throw ImagingError.missingContrast(
        path: folder, missing: missing, found: self.contrasts.sorted(), expected: contrasts)
    }
    let label = files[Self.labelSuffix].map { folder + "/" + $0 }
    if requireLabel && label == nil {
      throw ImagingError.missingLabel(path: folder, expected: "\(name)_\(Self.labelSuffix).nii.gz")
    }
    return CaseFiles(
      name: name, images: contrasts.map { CaseFiles.Image(contrast: $0, path: folder + "/" + files[$0]!) },
      label: label)
  }

  /// An `.img` whose `.hdr` lies beside it is read through that one.
  private static func withoutPartners(_ files: [String]) -> [String] {
    let headers = files.filter { $0.hasSuffix(".hdr") || $0.hasSuffix(".hdr.gz") }
    let isImage = { (file: String) in file.hasSuffix(".img") || file.hasSuffix(".img.gz") }
    return headers.count == 1 ? files.filter { !isImage($0) } : files
  }

  private static func stem(of file: String) -> String? {
    extensions.first { file.lowercased().hasSuffix($0) }.map { String(file.dropLast($0.count)) }
  }

  static func holdsScans(_ folder: String) -> Bool {
    ((try? entries(of: folder)) ?? []).contains { stem(of: $0) != nil }
  }

  static func subfolders(of path: String) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw FileError.notFound(path: path)
    }
    guard isFolder.boolValue else { throw ImagingError.notFolder(path: path) }
    return try entries(of: path).filter { entry in
      FileManager.default.fileExists(atPath: path + "/" + entry, isDirectory: &isFolder) && isFolder.boolValue
    }
  }

  /// Names in a folder without hidden ones, sorted by Unicode scalars (the same everywhere).
  private static func entries(of folder: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
        .sorted()
    } catch {
      throw FileError.unreadable(path: folder, reason: "the folder cannot be listed")
    }
  }
}
