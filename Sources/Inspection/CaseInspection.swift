import Foundation
import Harmonization
import Imaging

/// What an audit found out about one case. Stays at its site.
package struct CaseInspection: Sendable, Equatable {
  package let name: String
  package var files: [FileInspection] = []
  package var scans: [ScanInspection] = []
  /// By value, without background; nil where there is no label map that can be read.
  package var labels: [LabelInspection]?
  /// Labelled voxels where every scan is 0.
  package var labelledOutside = 0
  package var findings: [Finding] = []

  init(name: String) { self.name = name }
}

/// What a file's header says.
package struct FileInspection: Sendable, Equatable {
  /// The file's name, without its folder.
  package let name: String
  /// `label`, or the contrasts in it.
  package let contents: String
  /// `NIfTI-1`, `NIfTI-2` or `PNG`.
  package let format: String
  /// Such as `int16`, or `8 bits, grey`.
  package let dataType: String
  /// Voxels along i, j, k.
  package let size: SIMD3<Int>
  package let volumes: Int
  /// In mm along i, j, k; nil for a PNG, as what follows.
  package let spacing: SIMD3<Double>?
  /// Such as `RAS` (`AffineTransform.orientation`).
  package let orientation: String?
  package let isRightHanded: Bool?
  /// Voxel sizes in mm along the patient's left-right, back-front and feet-head axes.
  package let patientSpacing: SIMD3<Double>?
}

/// One contrast's voxels.
package struct ScanInspection: Sendable, Equatable {
  package let contrast: String
  /// The file's name, without its folder.
  package let file: String
  package let intensities: IntensitySummary
  package let contentHash: UInt64
}

/// One label of a case.
package struct LabelInspection: Sendable, Equatable {
  package let value: UInt16
  package let voxels: Int
  package let millilitres: Double
}

/// Percentiles of a scan's voxels that are not 0.
package struct IntensitySummary: Sendable, Equatable {
  package static let percents: [Double] = [1, 5, 10, 25, 50, 75, 90, 95, 99]

  /// Voxels that are not 0.
  package let voxels: Int
  /// One for each of `percents`, between neighbours linearly (NumPy's `percentile`).
  package let percentiles: [Double]

  /// A scan with at least one voxel that is not 0.
  package init(_ scan: Volume) {
    let sorted = SortedValues(scan.voxels, mask: scan.voxels.map { $0 == 0 ? 0 : 1 })
    voxels = sorted.count
    percentiles = Self.percents.map(sorted.percentile)
  }

  package func percentile(_ percent: Double) -> Double {
    percentiles[Self.percents.firstIndex(of: percent) ?? 0]
  }

  /// The natural logarithm of the median; nil where the median is not above 0.
  package var logMedian: Double? { percentile(50) > 0 ? log(percentile(50)) : nil }

  /// (p90 − p10) / median; nil where the median is not above 0.
  package var spread: Double? {
    percentile(50) > 0 ? (percentile(90) - percentile(10)) / percentile(50) : nil
  }
}
