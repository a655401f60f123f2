import Reporting

extension InspectionReport {
  /// `inspection.json`, described in the README; keys in a fixed order.
  package func json() -> JSONValue {
    .object([
      ("schema_version", .integer(Self.schemaVersion)),
      ("layout", .string(layout.rawValue)),
      ("contrasts", .array(contrasts.map { .string($0) })),
      (
        "labels",
        .array(labels.map { .object([("value", .integer(Int($0.value))), ("name", .string($0.name))]) })
      ),
      ("sites", .object(sites.map { ($0.site, json($0)) })),
      ("findings", .array(Finding.Kind.allCases.compactMap(json))),
      (
        "duplicates",
        .array(
          duplicates.map {
            .object([
              ("sites", .array($0.sites.map { .string($0) })), ("scans", .integer($0.scans)),
            ])
          })
      ),
      ("heterogeneity", heterogeneityJSON()),
    ])
  }

  private func json(_ site: SiteStatistics) -> JSONValue {
    .object([
      ("cases", .integer(site.cases)), ("labelled", .integer(site.labelled)),
      ("with_errors", .integer(site.withErrors)), ("with_warnings", .integer(site.withWarnings)),
      ("orientations", .object(site.orientations.sorted { $0.key < $1.key }.map { ($0, .integer($1)) })),
      ("spacing_mm", .array((0..<3).map { json(site.moments(.spacing(axis: $0))) })),
      (
        "contrasts",
        .object(
          contrasts.map { name in
            (
              name,
              .object([
                ("log_median", json(site.moments(.logMedian(contrast: name)))),
                ("spread", json(site.moments(.spread(contrast: name)))),
              ])
            )
          })
      ),
      (
        "label_ml",
        .object(labels.map { ("\($0.value)", json(site.moments(.volume(label: $0.value)))) })
      ),
    ])
  }

  private func json(_ moments: Moments) -> JSONValue {
    .object([
      ("count", .integer(moments.count)), ("sum", .number(moments.sum)),
      ("sum_of_squares", .number(moments.squares)),
    ])
  }

  private func json(_ kind: Finding.Kind) -> JSONValue? {
    let places = places(of: kind)
    if places.isEmpty { return nil }
    return .object([
      ("kind", .string(kind.rawValue)), ("severity", .string(kind.severity.rawValue)),
      ("cases", .object(places.map { ($0.site, .integer($0.cases)) })),
    ])
  }

  private func heterogeneityJSON() -> JSONValue {
    let contrasts = heterogeneity.contrasts.map { contrast in
      (
        contrast.name,
        JSONValue.object([
          ("log_median", .number(contrast.logMedian)), ("spread", .number(contrast.spread)),
          ("mean", .number(contrast.mean)),
        ])
      )
    }
    return .object([
      ("overall", .number(heterogeneity.overall)), ("by_chance", .number(heterogeneity.byChance)),
      ("voxel_size", .number(heterogeneity.spacing)),
      ("contrasts", .object(contrasts)),
      ("label_ml", .object(heterogeneity.labels.map { ("\($0.label)", .number($0.score)) })),
    ])
  }
}
