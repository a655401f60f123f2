import Foundations

/// Why a case cannot be harmonised.
package enum HarmonizationError: DescribedError {
  /// No contrast has a voxel that is not 0, so there is no brain to crop to.
  case noBrain
  /// All brain voxels of a contrast are equal: they cannot be brought to unit deviation.
  case constantContrast(index: Int, voxels: Int)
  /// Nearly all brain voxels of a scan are equal: its histogram has no landmarks.
  case flatHistogram(voxels: Int)

  package var description: String {
    switch self {
    case .noBrain:
      "harmonisation: no voxel differs from 0 in any contrast; expected a brain on a background of 0. "
        + "Check the case's scans, or leave the case out."
    case .constantContrast(let index, let voxels):
      "harmonisation: contrast number \(index + 1) has one value in all \(voxels) brain voxels; "
        + "expected a scan with contrast. Check that file, or leave the case out."
    case .flatHistogram(let voxels):
      "harmonisation: the 1st and the 99th percentile of \(voxels) brain voxels are equal; expected a scan with contrast. "
        + "Check that file, or leave the case out."
    }
  }
}
