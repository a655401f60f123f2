import Foundations

/// Why a case cannot be harmonised.
package enum HarmonizationError: DescribedError {
  /// No contrast has a voxel that is not 0, so there is no brain to crop to.
  case noBrain
  /// The case has no brain mask, and one was asked for.
  case noMask
  /// Nearly all brain voxels of a scan are equal: its histogram has no landmarks.
  case flatHistogram(voxels: Int)
  /// A contrast's scale that is none.
  case notAScale(contrast: String, found: Int)
  case atlasFile(path: String, found: String, expected: String)

  /// All brain voxels of a contrast, or all around its white matter's peak, are equal: it has no scale.
  case flatContrast(contrast: String, voxels: Int)
  /// The atlas has no scale for a contrast, or a flat one.
  case noScale(contrast: String)
  /// White matter by fuzzy c-means is looked for in a T1, and the case has none.
  case noTissueReference(contrast: String)
  /// White matter's mean is not above 0, so nothing can be divided by it.
  case darkWhiteMatter(contrast: String)

  /// No voxel inside the brain mask that a bias field could be fitted to.
  case noBiasSample(brainVoxels: Int, distance: Double)
  /// All voxels that a bias field would be fitted to are equal.
  case flatBiasSamples(count: Int)
  /// A setting of the bias-field correction that cannot be.
  case badBiasSetting(name: String, found: String, expected: String)
  /// A saved bias field that does not fit together.
  case damagedBiasField(field: String, found: String, expected: String)

  /// The contrast that is to blame, where one is.
  package var contrast: String? {
    switch self {
    case .flatContrast(let contrast, _), .noScale(let contrast), .darkWhiteMatter(let contrast): contrast
    default: nil
    }
  }

  package var description: String {
    switch self {
    case .noBrain:
      "harmonisation: no voxel differs from 0 in any contrast; expected a brain on a background of 0. "
        + "Check the case's scans, or leave the case out."
    case .noMask:
      "harmonisation: the case has no brain mask, expected a file ending in _mask beside its scans, since the plan says mask: given. "
        + "Add it, or use mask: zeros or otsu."
    case .notAScale(let contrast, let found):
      "intensity atlas: the scale of \(contrast) has \(found) landmarks that are no scale, expected "
        + "\(IntensityLandmarks.percents.count) finite numbers in ascending order. Agree on the atlas anew."
    case .atlasFile(let path, let found, let expected):
      "\(path): found \(found), expected \(expected) of an intensity atlas that segfed wrote."
    case .flatHistogram(let voxels):
      "harmonisation: the 1st and the 99th percentile of \(voxels) brain voxels are equal; expected a scan with contrast. "
        + "Check that file, or leave the case out."
    case .flatContrast(let contrast, let voxels):
      "harmonisation: contrast \(contrast) has one value in all \(voxels) brain voxels, or in those around white matter's "
        + "peak; expected a scan with contrast. Check that file, or leave the case out."
    case .noScale(let contrast):
      "harmonisation: the atlas has no scale for contrast \(contrast), or one whose landmarks are equal; expected one made "
        + "of scans of that contrast. Make an atlas with it, or take another intensity method."
    case .noTissueReference(let contrast):
      "harmonisation: fuzzy c-means finds white matter for contrast \(contrast) in the case's T1, and it has none; "
        + "expected a contrast named t1, t1n, t1w or t1ce. Name it so, or take another intensity method."
    case .darkWhiteMatter(let contrast):
      "harmonisation: white matter of contrast \(contrast) has a mean that is not above 0; expected a scan with intensities "
        + "above 0. Check that file, or take another intensity method."
    case .noBiasSample(let brainVoxels, let distance):
      "bias field: none of the \(brainVoxels) voxels inside the brain mask that lie on a grid of \(distance) mm is above 0; "
        + "expected a brain. Check the scan and its mask, or lower `sampling_distance`."
    case .flatBiasSamples(let count):
      "bias field: the \(count) brain voxels looked at have one value; expected a scan with contrast. "
        + "Check that file, or leave the case out."
    case .badBiasSetting(let name, let found, let expected):
      "bias field: setting `\(name)` is \(found); expected \(expected). Correct the setting."
    case .damagedBiasField(let field, let found, let expected):
      "saved bias field: `\(field)` is \(found); expected \(expected). Delete the file and fit the field again."
    }
  }
}
