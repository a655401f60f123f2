import Foundation
import Imaging
import Reporting

/// What the sites' statistics say together: the shared half of an audit.
package struct InspectionReport: Sendable, Equatable {
  package static let schemaVersion = 1

  /// How many scans two sites have in common.
  package struct Duplicates: Sendable, Equatable {
    package let sites: [String]
    package let scans: Int
  }

  package let layout: DatasetLayout
  package let contrasts: [String]
  package let labels: [LabelName]
  /// By name.
  package let sites: [SiteStatistics]
  package let duplicates: [Duplicates]
  package let heterogeneity: Heterogeneity

  /// `labels` are the values that any site has, named where the data set names them.
  package init(
    layout: DatasetLayout, contrasts: [String], labels: [LabelName], sites: [SiteStatistics],
    shared: [SharedContent]
  ) {
    self.layout = layout
    self.contrasts = contrasts
    self.labels = labels
    self.sites = sites
    duplicates = shared.map { Duplicates(sites: $0.sites, scans: $0.digests.count) }
    heterogeneity = Heterogeneity(sites, contrasts: contrasts, labels: labels.map(\.value))
  }

  /// Cases with a finding of a kind, by site; sites without one are left out.
  func places(of kind: Finding.Kind) -> [(site: String, cases: Int)] {
    sites.compactMap { site in site.findings[kind].map { (site.site, $0) } }
  }

  /// The mean voxel size in mm along the patient's axes; nil without a NIfTI scan.
  func spacing(_ site: SiteStatistics) -> [Double]? {
    let means = (0..<3).compactMap { site.moments(.spacing(axis: $0)).mean }
    return means.count == 3 ? means : nil
  }

  /// The geometric mean of the scans' medians.
  func median(_ site: SiteStatistics, _ contrast: String) -> Double? {
    site.moments(.logMedian(contrast: contrast)).mean.map { exp($0) }
  }
}
