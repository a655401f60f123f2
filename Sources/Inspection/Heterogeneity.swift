/// How much of the scans' variation the site explains: the correlation ratio η² (Pearson 1905), between-site over total
/// squared deviation. 0: all sites are alike; 1: knowing the site is knowing the value.
///
/// Computed from each site's counts, sums and sums of squares, equal to the value of pooled scans. With few cases η² is
/// above 0 by chance alone: `byChance` is its expectation for sites that do not differ.
package struct Heterogeneity: Sendable, Equatable {
  package struct Contrast: Sendable, Equatable {
    package let name: String
    package let logMedian: Double
    package let spread: Double
    package var mean: Double { (logMedian + spread) / 2 }
  }

  package struct LabelScore: Sendable, Equatable {
    package let label: UInt16
    package let score: Double
  }

  /// Of the voxel sizes along three axes together (their deviations added); nil for pictures, which have none.
  package let spacing: Double?
  package let contrasts: [Contrast]
  /// Of each label's volume.
  package let labels: [LabelScore]
  /// (sites − 1) / (cases − 1) over sites with cases.
  package let byChance: Double

  /// The mean over voxel size, each contrast's two features and each label's volume; nil where there is none.
  package var overall: Double? {
    let scores =
      (spacing.map { [$0] } ?? []) + contrasts.flatMap { [$0.logMedian, $0.spread] } + labels.map(\.score)
    return scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
  }

  /// `sites` in the order in which sums are added.
  package init(_ sites: [SiteStatistics], contrasts: [String], labels: [UInt16]) {
    func score(_ features: [SiteStatistics.Feature]) -> Double? {
      let groups = features.map { feature in sites.map { $0.moments(feature) } }
      return groups.joined().contains { $0.count > 0 } ? Self.correlationRatio(groups) : nil
    }
    spacing = score((0..<3).map { .spacing(axis: $0) })
    self.contrasts = contrasts.compactMap { name in
      guard let median = score([.logMedian(contrast: name)]), let spread = score([.spread(contrast: name)])
      else { return nil }
      return Contrast(name: name, logMedian: median, spread: spread)
    }
    self.labels = labels.compactMap { label in
      // A label that the data set names and no case has is no likeness of the sites.
      guard sites.contains(where: { $0.moments(.volume(label: label)).sum > 0 }) else { return nil }
      return score([.volume(label: label)]).map { LabelScore(label: label, score: $0) }
    }
    let counts = sites.map(\.cases).filter { $0 > 0 }
    let cases = counts.reduce(0, +)
    byChance = cases > 1 ? Double(counts.count - 1) / Double(cases - 1) : 0
  }

  /// η² of features whose deviations are added: for each feature, the moments of every site. 0 where nothing varies.
  package static func correlationRatio(_ features: [[Moments]]) -> Double {
    var (within, total) = (0.0, 0.0)
    for sites in features {
      var all = Moments()
      for site in sites {
        all.add(site)
        within += site.deviation
      }
      total += all.deviation
    }
    return total > 0 ? min(max(1 - within / total, 0), 1) : 0
  }
}
