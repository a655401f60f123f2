import Foundation
import Foundations

/// How a data set lies on disk.
package enum DatasetLayout: String, Sendable, CaseIterable {
  /// `<site>/<case>/<case>_<contrast>.nii.gz`, label maps under the contrast `seg`.
  case sites
  /// BraTS 2017 to 2021: `<case>/<case>_t1.nii.gz`, `_t1ce`, `_t2`, `_flair`, `_seg`, also under `HGG` and `LGG`.
  case brats
  /// BraTS 2023 and later: `<case>/<case>-t1n.nii.gz`, `-t1c`, `-t2w`, `-t2f`, `-seg`.
  case brats2023
  /// FeTS: cases as in BraTS beside `partitioning_*.csv`, whose `Partition_ID` becomes the site.
  case fets
  /// nnU-Net raw: `imagesTr/<case>_0000.nii.gz`, `labelsTr/<case>.nii.gz`, `dataset.json`; NIfTI or PNG.
  case nnunet
  /// Medical Segmentation Decathlon: `imagesTr/<case>.nii.gz` with all contrasts in one file, `dataset.json`.
  case decathlon
  /// BIDS: `sub-<label>/anat/sub-<label>_T1w.nii.gz`, label maps in `derivatives`.
  case bids
  /// A table with the columns site, case, one for each contrast, and label.
  case csv

  /// What to say of it.
  package var title: String {
    switch self {
    case .sites: "folders of sites"
    case .brats: "BraTS 2017–2021"
    case .brats2023: "BraTS 2023"
    case .fets: "FeTS"
    case .nnunet: "nnU-Net raw"
    case .decathlon: "Medical Segmentation Decathlon"
    case .bids: "BIDS"
    case .csv: "CSV manifest"
    }
  }

  /// What is expected below the data set's path.
  var expectation: String {
    switch self {
    case .sites: "<site>/<case>/<case>_<contrast>.nii.gz"
    case .brats: "<case>/<case>_t1.nii.gz, _t1ce, _t2, _flair, _seg"
    case .brats2023: "<case>/<case>-t1n.nii.gz, -t1c, -t2w, -t2f, -seg"
    case .fets: "<case>/<case>_t1.nii.gz … beside partitioning_1.csv with Partition_ID,Subject_ID"
    case .nnunet: "dataset.json, imagesTr/<case>_0000.nii.gz, labelsTr/<case>.nii.gz"
    case .decathlon: "dataset.json with modality and training, imagesTr, labelsTr"
    case .bids: "sub-<label>/anat/sub-<label>_<suffix>.nii.gz"
    case .csv: "a .csv file with the columns site, case, one for each contrast, and label"
    }
  }

  /// The layout that a path looks like, by names alone: no scan is read. Throws `FileError` or `LayoutError`.
  static func recognised(_ path: String) throws -> DatasetLayout {
    if path.lowercased().hasSuffix(".csv") {
      return try FeTSPartition.isPartition(path) ? .fets : .csv
    }
    let entries = try FolderListing.entries(of: path)
    if entries.contains("dataset.json") {
      return try DatasetDescription(path + "/dataset.json").isDecathlon ? .decathlon : .nnunet
    }
    if entries.contains("dataset_description.json") || entries.contains(where: { $0.hasPrefix("sub-") }) {
      return .bids
    }
    if !FeTSPartition.files(in: path).isEmpty { return .fets }
    return .sites
  }
}

/// One label's meaning, as a layout or a data set tells it.
package struct LabelName: Sendable, Equatable {
  package let value: UInt16
  package let name: String

  package init(value: UInt16, name: String) {
    self.value = value
    self.name = name
  }
}

/// Labels that a data set takes together under a name.
package struct LabelGroup: Sendable, Equatable {
  package let name: String
  package let values: [UInt16]

  package init(name: String, values: [UInt16]) {
    (self.name, self.values) = (name, values)
  }
}
