import FederationProtocol

/// Dice of one region over a site's cases.
package struct RegionScore: Sendable, Equatable, Codable {
  package let region: String
  /// Cases with a defined score.
  package let cases: Int
  /// Cases left out because the region is empty there.
  package let undefined: Int
  /// Over `cases`; nil where there is none.
  package let mean: Double?
  package let minimum: Double?
  /// Every metric that was asked for, Dice too; nil where it was Dice alone.
  package let metrics: [MetricScore]?

  package init(
    region: String, cases: Int, undefined: Int = 0, mean: Double?, minimum: Double?,
    metrics: [MetricScore]? = nil
  ) {
    self.metrics = metrics
    self.region = region
    self.cases = cases
    self.undefined = undefined
    self.mean = mean
    self.minimum = minimum
  }
}

/// One site's scores of one model on one part of its cases.
package struct SiteScores: Sendable, Equatable, Codable {
  package let site: String
  /// Cases that were predicted.
  package let cases: Int
  package let regions: [RegionScore]
  /// Labels that are no region of their own; nil where Dice alone was asked for.
  package let labels: [RegionScore]?

  package init(site: String, cases: Int, regions: [RegionScore], labels: [RegionScore]? = nil) {
    self.labels = labels
    self.site = site
    self.cases = cases
    self.regions = regions
  }

  /// Mean over the regions that have a score; nil where none has.
  package var meanOverRegions: Double? { ScoreSummary.mean(regions.compactMap(\.mean)) }

  /// Checks an answer: finite scores within 0…1 for counts that hold together, every region once.
  ///
  /// Throws `ProtocolError.mismatch`.
  package init(_ evaluation: WireEvaluation, expecting part: WirePart, site: String, round: Int) throws {
    func mismatch(_ field: ProtocolError.Field, _ found: String, _ expected: String) -> ProtocolError {
      .mismatch(site: site, round: round, field: field, found: found, expected: expected)
    }
    guard evaluation.part == part else {
      throw mismatch(.part, "\(evaluation.part.rawValue)", "\(part.rawValue)")
    }
    let names = (evaluation.regions + evaluation.labels).map(\.region)
    guard Set(names).count == names.count else { throw mismatch(.regions, "named twice", "distinct") }
    self.site = site
    cases = Int(evaluation.cases)
    func checked(_ score: WireRegionScore) throws -> RegionScore {
      guard UInt64(score.cases) + UInt64(score.undefined) <= UInt64(evaluation.cases) else {
        throw mismatch(.cases, "\(score.cases) + \(score.undefined)", "\(evaluation.cases) or fewer")
      }
      let defined = score.cases > 0
      let range = 0.0...1.0
      if defined, !(range.contains(score.mean) && range.contains(score.minimum)) {
        throw mismatch(.regions, "a Dice of \(score.mean), least \(score.minimum)", "0 to 1")
      }
      let metrics = try score.metrics.map {
        try MetricScore($0, cases: evaluation.cases, site: site, round: round)
      }
      guard Set(metrics.map(\.metric)).count == metrics.count else {
        throw mismatch(.regions, "a metric twice", "distinct")
      }
      return RegionScore(
        region: score.region, cases: Int(score.cases), undefined: Int(score.undefined),
        mean: defined ? score.mean : nil, minimum: defined ? score.minimum : nil,
        metrics: metrics.isEmpty ? nil : metrics)
    }
    regions = try evaluation.regions.map(checked)
    labels = evaluation.labels.isEmpty ? nil : try evaluation.labels.map(checked)
  }
}
