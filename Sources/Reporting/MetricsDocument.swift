/// `metrics.json`: a run's aggregates for scripts, described in the README.
package struct MetricsDocument: Sendable, Equatable {
  package static let schemaVersion = 1

  /// `federated`, `centralised`, `local` or `evaluate`.
  package let mode: String
  package let scores: ScoreReport
  /// SHA-256 of the study; nil without one.
  package let study: String?
  /// nil where nothing travelled.
  package let bandwidth: BandwidthReport?
  /// Cases that failed a check and were left out, at the sites that have any.
  package let skipped: [SkippedCount]
  /// nil where the plan does not ask for it.
  package let earlyStopping: EarlyStoppingReport?
  package let notices: SiteNotices

  package init(
    mode: String, scores: ScoreReport, study: String? = nil, bandwidth: BandwidthReport?,
    skipped: [SkippedCount] = [],
    earlyStopping: EarlyStoppingReport? = nil, notices: SiteNotices = .none
  ) {
    self.notices = notices
    self.earlyStopping = earlyStopping
    self.skipped = skipped
    self.mode = mode
    self.scores = scores
    self.study = study
    self.bandwidth = bandwidth
  }

  /// The document, keys in a fixed order; a score that does not exist is null.
  package func json() -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("schema_version", .integer(Self.schemaVersion)),
      ("mode", .string(mode)),
      ("model", .string(scores.model)),
      ("dice_convention", .string(scores.diceConvention)),
    ]
    if let study { members.append(("study_sha256", .string(study))) }
    if let metrics = scores.metrics {
      members += [("convention", .string(metrics.convention)), ("metric_rules", .string(metrics.rules))]
    }
    members += [
      ("overall", overall),
      ("sites", .object(scores.sites.indices.map { (scores.sites[$0].site, site($0)) })),
      ("worst_site", .string(scores.worstSite)),
      ("skipped_cases", .object(skipped.map { ($0.site, .integer($0.cases)) })),
      ("early_stopping", earlyStopping?.json() ?? .null),
    ]
    members += notices.members
    members.append(("bandwidth", bandwidth?.json() ?? .null))
    return .object(members)
  }

  private var overall: JSONValue {
    var members: [(String, JSONValue)] = [
      ("cases", .integer(scores.sites.reduce(0) { $0 + $1.cases })),
      ("dice", dice(scores.meanOverCases)),
      ("dice_by_site_mean", dice(scores.meanOverSites)),
    ]
    if let metrics = scores.metrics { members.append(("metrics", metrics.json(metrics.overall))) }
    if let statistics = scores.statistics { members.append(("statistics", statistics.json)) }
    return .object(members)
  }

  private func site(_ index: Int) -> JSONValue {
    let site = scores.sites[index]
    var members: [(String, JSONValue)] = [
      ("cases", .integer(site.cases)), ("steps", site.steps.map { .integer($0) } ?? .null),
      ("dice", dice(site.dice)),
    ]
    if let metrics = scores.metrics { members.append(("metrics", metrics.json(metrics.sites[index]))) }
    return .object(members)
  }

  private func dice(_ values: [Double?]) -> JSONValue {
    .object(zip(scores.regions, values).map { ($0, .number($1)) })
  }
}

/// How many of a site's cases were left out.
package struct SkippedCount: Sendable, Equatable {
  package let site: String
  package let cases: Int

  package init(site: String, cases: Int) {
    (self.site, self.cases) = (site, cases)
  }
}

extension [SkippedCount] {
  /// A sentence for people; nil where nothing was left out.
  package var text: String? {
    if isEmpty { return nil }
    let total = reduce(0) { $0 + $1.cases }
    return "Left out: \(total) case\(total == 1 ? "" : "s") that failed a check ("
      + map { "\($0.site) \($0.cases)" }.joined(separator: ", ")
      + "); each with its reason in sites/<name>/skipped.csv."
  }
}
