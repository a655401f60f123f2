import Foundations
import Imaging

/// One thing that an audit found in a case or at a site.
package struct Finding: Sendable, Equatable {
  package enum Severity: String, Sendable, CaseIterable {
    /// Training stops at it.
    case error
    /// Training goes on, and may learn or score something wrong, or tell too much.
    case warning
    /// Worth to know.
    case note
  }

  package enum Kind: String, Sendable, CaseIterable {
    case listing
    case unreadable
    case missingContrast = "missing_contrast"
    case missingLabel = "missing_label"
    case extraContrast = "extra_contrast"
    case gridsDiffer = "grids_differ"
    case notFinite = "not_finite"
    case allZero = "all_zero"
    case unnamedLabels = "unnamed_labels"
    case leftRight = "left_right"
    case formsDisagree = "forms_disagree"
    case noOrientation = "no_orientation"
    case shear
    case voxelSizes = "voxel_sizes"
    case lengthUnit = "length_unit"
    case labelsOutside = "labels_outside"
    case duplicateWithin = "duplicate_within"
    case duplicateBetween = "duplicate_between"
    case identifyingText = "identifying_text"
    case noUnit = "no_unit"
    case slope

    package var severity: Severity {
      switch self {
      case .listing, .unreadable, .missingContrast, .missingLabel, .extraContrast, .gridsDiffer, .notFinite,
        .allZero:
        .error
      case .unnamedLabels, .leftRight, .formsDisagree, .noOrientation, .shear, .voxelSizes, .lengthUnit,
        .labelsOutside, .duplicateWithin, .duplicateBetween, .identifyingText:
        .warning
      case .noUnit, .slope: .note
      }
    }

    /// A row's title.
    package var title: String {
      switch self {
      case .listing: "files not as the layout has them"
      case .unreadable: "unreadable file"
      case .missingContrast: "missing contrast"
      case .missingLabel: "missing label map"
      case .extraContrast: "contrast that most cases lack"
      case .gridsDiffer: "grids of a case differ"
      case .notFinite: "NaN or infinite voxels"
      case .allZero: "scan of zeros"
      case .unnamedLabels: "label values without a name"
      case .leftRight: "left and right in doubt"
      case .formsDisagree: "qform and sform disagree"
      case .noOrientation: "neither qform nor sform set"
      case .shear: "sheared axes"
      case .voxelSizes: "pixdim unlike the affine"
      case .lengthUnit: "unit of length not mm"
      case .labelsOutside: "labels where every scan is 0"
      case .duplicateWithin: "same scan twice at the site"
      case .duplicateBetween: "same scan at another site"
      case .identifyingText: "text in the file's header"
      case .noUnit: "unit of length not set"
      case .slope: "slope 0 or not finite"
      }
    }
  }

  package let kind: Kind
  /// The file's name, without its folder; nil where it is about the whole case.
  package let file: String?
  /// What was found, for the site itself: may name cases and files, never a header's text.
  package let message: String

  package init(_ kind: Kind, file: String? = nil, _ message: String) {
    self.kind = kind
    self.file = file
    self.message = message
  }

  /// What a described error says of a file that cannot be used.
  init(_ error: any DescribedError, file: String?) {
    let kind: Kind =
      switch error as? ImagingError {
      case .nonFiniteVoxels: .notFinite
      case .allZero: .allZero
      case .gridSize, .gridPlace: .gridsDiffer
      default: .unreadable
      }
    self.init(kind, file: file, error.description)
  }
}
