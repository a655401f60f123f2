/// How sure means over sites are, and how unequal sites fare, region by region; computed elsewhere.
package struct ScoreStatistics: Sendable, Equatable {
  package struct Region: Sendable, Equatable {
    package let region: String
    /// 95 % intervals of the means over cases and over sites.
    package let overCases: ClosedRange<Double>?
    package let overSites: ClosedRange<Double>?
    /// Of the sites' means: best minus worst, and standard deviation.
    package let range: Double
    package let deviation: Double
    package let worstSite: String
    package let worst: Double
    /// Mean of the worst tenth of the sites.
    package let worstDecile: Double
    package let gini: Double?

    package init(
      region: String, overCases: ClosedRange<Double>?, overSites: ClosedRange<Double>?, range: Double,
      deviation: Double, worstSite: String, worst: Double, worstDecile: Double, gini: Double?
    ) {
      self.region = region
      (self.overCases, self.overSites) = (overCases, overSites)
      (self.range, self.deviation) = (range, deviation)
      (self.worstSite, self.worst, self.worstDecile) = (worstSite, worst, worstDecile)
      self.gini = gini
    }
  }

  package let regions: [Region]

  package init(regions: [Region]) { self.regions = regions }

  func text() -> String {
    if regions.isEmpty { return "" }
    var table = TextTable(columns: [
      .text("region"), .number("95 % over cases"), .number("95 % over sites"), .text("worst site"),
      .number("Dice"),
      .number("worst decile"), .number("range"), .number("SD"), .number("Gini"),
    ])
    for region in regions {
      table.add(
        [region.region, Self.text(region.overCases), Self.text(region.overSites), region.worstSite]
          + [region.worst, region.worstDecile, region.range, region.deviation, region.gini].map {
            NumberText.dice($0)
          })
    }
    return table.rendered()
      + "Intervals of the means: bootstrap of whole sites (BCa). Range, SD and Gini (0: all alike) of the sites' means.\n"
  }

  private static func text(_ interval: ClosedRange<Double>?) -> String {
    interval.map { "\(NumberText.dice($0.lowerBound)) to \(NumberText.dice($0.upperBound))" }
      ?? NumberText.missing
  }

  var json: JSONValue {
    func interval(_ range: ClosedRange<Double>?) -> JSONValue {
      range.map { .array([.number($0.lowerBound), .number($0.upperBound)]) } ?? .null
    }
    return .object(
      regions.map { region in
        (
          region.region,
          .object([
            ("interval_over_cases", interval(region.overCases)),
            ("interval_over_sites", interval(region.overSites)),
            ("worst_site", .string(region.worstSite)), ("worst", .number(region.worst)),
            ("worst_decile", .number(region.worstDecile)), ("range", .number(region.range)),
            ("deviation", .number(region.deviation)), ("gini", .number(region.gini)),
          ])
        )
      })
  }
}
