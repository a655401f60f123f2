/// `metrics.json`: a run's aggregates for scripts, described in the README.
package struct MetricsDocument: Sendable, Equatable {
  package static let schemaVersion = 1

  /// `federated`, `centralised`, `local` or `evaluate`.
  package let mode: String
  package let scores: ScoreReport
  /// nil where nothing travelled.
  package let bandwidth: BandwidthReport?

  package init(mode: String, scores: ScoreReport, bandwidth: BandwidthReport?) {
    self.mode = mode
    self.scores = scores
    self.bandwidth = bandwidth
  }

  /// The document, keys in a fixed order; a score that does not exist is null.
  package func json() -> JSONValue {
    let sites = scores.sites.map { site in
      (
        site.site,
        JSONValue.object([
          ("cases", .integer(site.cases)), ("steps", site.steps.map { .integer($0) } ?? .null),
          ("dice", dice(site.dice)),
        ])
      )
    }
    return .object([
      ("schema_version", .integer(Self.schemaVersion)),
      ("mode", .string(mode)),
      ("model", .string(scores.model)),
      ("dice_convention", .string(scores.diceConvention)),
      (
        "overall",
        .object([
          ("cases", .integer(scores.sites.reduce(0) { $0 + $1.cases })),
          ("dice", dice(scores.meanOverCases)),
          ("dice_by_site_mean", dice(scores.meanOverSites)),
        ])
      ),
      ("sites", .object(sites)),
      ("worst_site", .string(scores.worstSite)),
      ("bandwidth", bandwidth?.json() ?? .null),
    ])
  }

  private func dice(_ values: [Double?]) -> JSONValue {
    .object(zip(scores.regions, values).map { ($0, .number($1)) })
  }
}
