import Foundations

/// What a layout finds, before cases are compared with each other.
struct FoundDataset {
  var layout: DatasetLayout
  /// In the order that the layout prescribes; nil: the usual one.
  var contrasts: [String]?
  var labels: [LabelName] = []
  var regions: [LabelGroup] = []
  var cases: [FoundCase]

  /// What lies under `path`, in the layout that it looks like unless one is named; faulty cases are listed with the rest.
  ///
  /// Throws `FileError`, `CSVError`, `LayoutError` or `ImagingError` where nothing can be listed.
  static func find(_ path: String, layout: DatasetLayout?) throws -> FoundDataset {
    let found =
      switch try layout ?? DatasetLayout.recognised(path) {
      case .sites, .brats, .brats2023: try CaseFolders.find(path)
      case .fets: try FeTSPartition.find(path)
      case .nnunet: try NNUNetRaw.find(path)
      case .decathlon: try Decathlon.find(path)
      case .bids: try BIDS.find(path)
      case .csv: try CSVManifest.find(path)
      }
    if let layout, layout != found.layout { throw LayoutError.unlike(path: path, layout: layout) }
    return found
  }

  /// The contrasts that any case has, in the layout's order: BraTS' t1, t1ce, t2, flair first, others by name.
  var orderedContrasts: [String] { contrasts(ofAtLeast: 1) }

  /// Those that half of the cases have.
  var commonContrasts: [String] { contrasts(ofAtLeast: (cases.count + 1) / 2) }

  private func contrasts(ofAtLeast least: Int) -> [String] {
    var counts: [String: Int] = [:]
    for contrast in cases.flatMap({ Set($0.images.map(\.contrast)) }) { counts[contrast, default: 0] += 1 }
    let all = Set(counts.filter { $0.value >= least }.keys)
    let first = ["t1", "t1ce", "t2", "flair"]
    let order = contrasts ?? first + all.subtracting(first).sorted()
    return order.filter(all.contains)
  }
}

/// The files of one case.
struct FoundCase {
  let site: String
  /// What the site's files lie in.
  let sitePath: String
  /// nil: no case, but something that is wrong with the site.
  let name: String?
  /// Where its files lie, for messages.
  let path: String
  let images: [CaseFiles.Image]
  let label: String?
  /// Where a label map was expected.
  let expectedLabel: String
  /// A brain mask, where one lies with the case.
  let mask: String?
  /// Why its files cannot be listed.
  let fault: (any DescribedError)?

  init(
    site: String, sitePath: String, name: String?, path: String, images: [CaseFiles.Image] = [],
    label: String? = nil, expectedLabel: String = "", mask: String? = nil, fault: (any DescribedError)? = nil
  ) {
    self.site = site
    self.sitePath = sitePath
    self.name = name
    self.path = path
    self.images = images
    self.label = label
    self.expectedLabel = expectedLabel
    self.mask = mask
    self.fault = fault
  }

  /// The case that `list` finds, or one with the described error that it threw, so that the others are listed all the same.
  static func listing(
    site: String, sitePath: String, name: String?, path: String, _ list: () throws -> FoundCase
  ) throws -> FoundCase {
    do {
      return try list()
    } catch let fault as any DescribedError {
      return FoundCase(site: site, sitePath: sitePath, name: name, path: path, fault: fault)
    }
  }
}
