import Foundation
import Foundations

/// The scans of one case on disk.
package struct CaseFiles: Sendable, Equatable {
  /// One scan of a case.
  package struct Image: Sendable, Equatable {
    package let contrast: String
    package let path: String
    /// Which volume of a file with several (4D) it is, from 0; nil for a file with one.
    package let volume: Int?

    package init(contrast: String, path: String, volume: Int? = nil) {
      self.contrast = contrast
      self.path = path
      self.volume = volume
    }
  }

  package let name: String
  /// In the data set's contrast order; a PNG in colour is one file here, and three contrasts once loaded.
  package let images: [Image]
  /// The label map, nil where the case has none.
  package let label: String?
  /// A brain mask, where one lies with the case.
  package let mask: String?

  /// The scans' files, each once though several contrasts may lie in it.
  package var imagePaths: [String] {
    images.reduce(into: []) { if $0.last != $1.path { $0.append($1.path) } }
  }

  /// Every file of the case once: scans, label map, brain mask.
  package var paths: [String] { imagePaths + [label, mask].compactMap { $0 } }

  package init(name: String, images: [Image], label: String?, mask: String? = nil) {
    self.name = name
    self.images = images
    self.label = label
    self.mask = mask
  }
}

/// One site's cases, sorted by name.
package struct SiteFolder: Sendable, Equatable {
  package let name: String
  /// Where its cases lie: a folder of its own, or the data set's.
  package let path: String
  package let cases: [CaseFiles]

  package init(name: String, path: String, cases: [CaseFiles]) {
    self.name = name
    self.path = path
    self.cases = cases
  }
}

/// Which case of which site.
package struct CaseName: Sendable, Hashable {
  package let site: String
  package let name: String

  package init(site: String, name: String) { (self.site, self.name) = (site, name) }
}

/// A data set as it lies on disk, in any of the `DatasetLayout`s.
package struct DatasetFolder: Sendable, Equatable {
  package let layout: DatasetLayout
  /// What the layout or the data set calls its labels, by value; empty where nothing does.
  package let labels: [LabelName]
  /// Named unions of labels that the data set trains on as one (nnU-Net's regions); empty where it has none.
  package let regions: [LabelGroup]
  /// Sorted by name.
  package let sites: [SiteFolder]

  package init(
    sites: [SiteFolder], layout: DatasetLayout = .sites, labels: [LabelName] = [], regions: [LabelGroup] = []
  ) {
    self.sites = sites
    self.layout = layout
    self.labels = labels
    self.regions = regions
  }

  /// The contrasts that every case has, in the layout's order: BraTS' t1, t1ce, t2, flair first, others by name.
  package var contrasts: [String] { sites.first?.cases.first?.images.map(\.contrast) ?? [] }

  /// What was found, in a few lines: layout, sites with their cases, contrasts, labels.
  package func summary(path: String) -> String {
    let cases = sites.reduce(0) { $0 + $1.cases.count }
    let labelled = sites.reduce(0) { $0 + $1.cases.count { $0.label != nil } }
    func count(_ number: Int, _ thing: String) -> String { "\(number) \(thing)\(number == 1 ? "" : "s")" }
    var lines = [
      "\(path): \(layout.title), \(count(sites.count, "site")), \(count(cases, "case")), \(count(labelled, "label map"))",
      "sites: " + sites.map { "\($0.name) \($0.cases.count)" }.joined(separator: ", "),
      "contrasts: " + contrasts.joined(separator: ", "),
    ]
    if !labels.isEmpty {
      lines.append("labels: " + labels.map { "\($0.value) \($0.name)" }.joined(separator: ", "))
    }
    if !regions.isEmpty {
      lines.append(
        "regions: "
          + regions.map { "\($0.name) \($0.values.map(String.init).joined(separator: "+"))" }.joined(
            separator: ", "))
    }
    return lines.joined(separator: "\n")
  }

  /// Finds sites and cases under `path`, in the layout that it looks like unless one is named.
  ///
  /// Every case must have every contrast that any case has, and with `requireLabels` a label map; cases that may be left
  /// out (`skipping`) are measured by the contrasts that most cases have. Hidden files, and files beside folders, are left
  /// alone, as are cases in `excluded`. No scan is read. Throws `FileError`, `CSVError`, `LayoutError` or `ImagingError`.
  package static func discover(
    _ path: String, layout: DatasetLayout? = nil, requireLabels: Bool, skipping skipped: SkippedCases = .none,
    excluding excluded: Set<CaseName> = []
  ) throws -> DatasetFolder {
    var found = try FoundDataset.find(path, layout: layout)
    found.cases.removeAll { item in
      item.name.map { excluded.contains(CaseName(site: item.site, name: $0)) } ?? false
    }
    if found.cases.isEmpty { throw ImagingError.noCases(path: path) }
    return try DatasetFolder(found, requireLabels: requireLabels, skipping: skipped)
  }

  /// The same without cases that are left out; sites without a case left stay, empty.
  package func without(_ skipped: SkippedCases) -> DatasetFolder {
    let out = Set(skipped.cases.map { [$0.site, $0.name] })
    if out.isEmpty { return self }
    let sites = sites.map { site in
      SiteFolder(
        name: site.name, path: site.path, cases: site.cases.filter { !out.contains([site.name, $0.name]) })
    }
    return DatasetFolder(sites: sites, layout: layout, labels: labels, regions: regions)
  }

  /// The case that lies in a folder of its own, nil where the folder itself holds no scans. Throws `ImagingError`.
  package static func caseFolder(_ path: String) throws -> CaseFiles? {
    guard CaseFolders.holdsScans(path) else { return nil }
    let name = FolderListing.name(of: path)
    let found = CaseFolders.named(
      [try CaseFolders.found(path, name: name, site: name, sitePath: path)], layout: .sites)
    return try DatasetFolder(found, requireLabels: false, skipping: .none).sites.first?.cases.first
  }

  /// Sites and cases by name; throws where a case lacks what others have, or leaves it out.
  private init(_ found: FoundDataset, requireLabels: Bool, skipping skipped: SkippedCases) throws {
    let contrasts = skipped.isAllowed ? found.commonContrasts : found.orderedContrasts
    var cases: [String: [CaseFiles]] = [:]
    var paths: [String: String] = [:]
    for item in found.cases {
      let files = try skipped.attempt(site: item.site, name: item.name ?? item.path) {
        try Self.files(of: item, contrasts: contrasts, requireLabel: requireLabels)
      }
      cases[item.site, default: []] += [files].compactMap { $0 }
      paths[item.site] = item.sitePath
    }
    self.init(
      sites: cases.keys.sorted().map { site in
        SiteFolder(
          name: site, path: paths[site] ?? "", cases: (cases[site] ?? []).sorted { $0.name < $1.name })
      }, layout: found.layout, labels: found.labels, regions: found.regions)
  }

  /// Throws the case's fault, `ImagingError.missingContrast` or `.missingLabel`.
  private static func files(of item: FoundCase, contrasts: [String], requireLabel: Bool) throws -> CaseFiles {
    if let fault = item.fault { throw fault }
    guard let name = item.name else { preconditionFailure("what is no case has a fault") }
    let images = Dictionary(item.images.map { ($0.contrast, $0) }, uniquingKeysWith: { first, _ in first })
    let missing = contrasts.filter { images[$0] == nil }
    if contrasts.isEmpty || !missing.isEmpty {
      throw ImagingError.missingContrast(
        path: item.path, missing: missing, found: images.keys.sorted(), expected: contrasts)
    }
    if requireLabel && item.label == nil {
      throw ImagingError.missingLabel(path: item.path, expected: item.expectedLabel)
    }
    return CaseFiles(
      name: name, images: contrasts.compactMap { images[$0] }, label: item.label, mask: item.mask)
  }
}
