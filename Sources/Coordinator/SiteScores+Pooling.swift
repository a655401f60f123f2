extension SiteScores {
  /// One site's scores over parts of its cases, each case counting the same; nil of none.
  package init?(pooling parts: [SiteScores]) {
    guard let first = parts.first else { return nil }
    func pooled(_ regions: (SiteScores) -> [RegionScore]) -> [RegionScore] {
      regions(first).compactMap { region in
        RegionScore(pooling: parts.compactMap { regions($0).first { $0.region == region.region } })
      }
    }
    self.init(
      site: first.site, cases: parts.reduce(0) { $0 + $1.cases }, regions: pooled(\.regions),
      labels: first.labels == nil ? nil : pooled { $0.labels ?? [] })
  }
}

extension RegionScore {
  fileprivate init?(pooling parts: [RegionScore]) {
    guard let first = parts.first else { return nil }
    let found = parts.filter { $0.mean != nil }
    let cases = found.reduce(0) { $0 + $1.cases }
    let sum = found.reduce(0.0) { $0 + Double($1.cases) * ($1.mean ?? 0) }
    self.init(
      region: first.region, cases: cases, undefined: parts.reduce(0) { $0 + $1.undefined },
      mean: cases > 0 ? sum / Double(cases) : nil, minimum: found.compactMap(\.minimum).min(),
      metrics: first.metrics?.compactMap { metric in
        MetricScore(pooling: parts.compactMap { $0.metrics?.first { $0.metric == metric.metric } })
      })
  }
}
