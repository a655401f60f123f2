import Foundations

/// A data set as it lies on disk, with what is wrong with it: for an audit, which goes on where training stops.
package struct DatasetSurvey: Sendable {
  package struct Case: Sendable {
    /// The files that could be listed: contrasts and label map may be missing.
    package let files: CaseFiles
    /// Why its files could not be listed.
    package let fault: (any DescribedError)?
  }

  package struct Site: Sendable {
    package let name: String
    /// Sorted by name.
    package let cases: [Case]
    /// What is wrong with the site's folder itself.
    package let faults: [any DescribedError]
  }

  package let layout: DatasetLayout
  /// What the layout or the data set calls its labels, by value; empty where nothing does.
  package let labels: [LabelName]
  /// Contrasts that any case has, in the layout's order.
  package let contrasts: [String]
  /// Sorted by name.
  package let sites: [Site]

  /// Lists what lies under `path` as `DatasetFolder.discover` does, and keeps faults of single cases and sites.
  ///
  /// No scan is read. Throws `FileError`, `CSVError`, `LayoutError` or `ImagingError` where nothing can be listed.
  package init(_ path: String, layout: DatasetLayout? = nil) throws {
    let found = try FoundDataset.find(path, layout: layout)
    self.layout = found.layout
    labels = found.labels
    let contrasts = found.orderedContrasts
    self.contrasts = contrasts
    let groups = Dictionary(grouping: found.cases, by: \.site)
    sites = groups.keys.sorted().map { site in
      let items = groups[site] ?? []
      let cases = items.compactMap { item -> Case? in
        guard let name = item.name else { return nil }
        let images = contrasts.compactMap { contrast in item.images.first { $0.contrast == contrast } }
        return Case(
          files: CaseFiles(name: name, images: images, label: item.label, mask: item.mask), fault: item.fault)
      }
      return Site(
        name: site, cases: cases.sorted { $0.files.name < $1.files.name },
        faults: items.filter { $0.name == nil }.compactMap(\.fault))
    }
  }
}
