/// What a site hands over for the shared report: counts, sums and sums of squares. No case's name, no path, no header's text,
/// no single case's value (unless the site has one case only).
package struct SiteStatistics: Sendable, Equatable {
  /// Something that a case has one number for.
  package enum Feature: Sendable, Hashable {
    /// Voxel size in mm along the patient's left-right (0), back-front (1) or feet-head axis (2), of the first scan.
    case spacing(axis: Int)
    /// Natural logarithm of the median of a contrast's voxels that are not 0.
    case logMedian(contrast: String)
    /// (p90 − p10) / median of the same voxels.
    case spread(contrast: String)
    /// A label's volume in millilitres, 0 where a case with a label map lacks it.
    case volume(label: UInt16)
  }

  package let site: String
  package let cases: Int
  /// Cases with a label map that could be read.
  package let labelled: Int
  /// Cases with at least one error, and cases with at least one warning.
  package let withErrors: Int
  package let withWarnings: Int
  /// Cases (for `listing`, also faults of the site itself) with a finding of the kind; without it, no entry.
  package let findings: [Finding.Kind: Int]
  /// Cases by the first scan's orientation, such as `RAS`.
  package let orientations: [String: Int]
  package let features: [Feature: Moments]

  /// A feature's moments, empty ones where the site has no value.
  package func moments(_ feature: Feature) -> Moments { features[feature] ?? Moments() }
}

extension SiteInspection {
  /// The statistics of contrasts in `contrasts` and labels in `labels`, which all sites agree on.
  package func statistics(contrasts: [String], labels: [UInt16]) -> SiteStatistics {
    var features: [SiteStatistics.Feature: Moments] = [:]
    for item in cases {
      if let spacing = item.firstScanFile?.patientSpacing {
        for axis in 0..<3 { features[.spacing(axis: axis), default: Moments()].add(spacing[axis]) }
      }
      for scan in item.scans where contrasts.contains(scan.contrast) {
        if let value = scan.intensities.logMedian {
          features[.logMedian(contrast: scan.contrast), default: Moments()].add(value)
        }
        if let value = scan.intensities.spread {
          features[.spread(contrast: scan.contrast), default: Moments()].add(value)
        }
      }
      if let found = item.labels {
        for label in labels {
          let volume = found.first { $0.value == label }?.millilitres ?? 0
          features[.volume(label: label), default: Moments()].add(volume)
        }
      }
    }
    func count(_ severity: Finding.Severity) -> Int {
      cases.count { $0.findings.contains { $0.kind.severity == severity } }
    }
    var findings: [Finding.Kind: Int] = [:]
    for item in cases {
      for kind in Set(item.findings.map(\.kind)) { findings[kind, default: 0] += 1 }
    }
    for finding in self.findings { findings[finding.kind, default: 0] += 1 }
    return SiteStatistics(
      site: name, cases: cases.count, labelled: cases.count { $0.labels != nil },
      withErrors: count(.error), withWarnings: count(.warning), findings: findings,
      orientations: cases.compactMap(\.firstScanFile?.orientation).reduce(into: [:]) {
        $0[$1, default: 0] += 1
      },
      features: features)
  }
}

extension CaseInspection {
  /// The file of the first scan whose header could be read.
  var firstScanFile: FileInspection? { files.first { $0.contents != "label" } }
}
