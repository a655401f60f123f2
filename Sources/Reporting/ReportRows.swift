/// One site in one round, as its line shows it.
package struct RoundRow: Sendable, Equatable {
  package let round: Int
  package let site: String
  package let steps: Int
  package let loss: Double
  /// Validation Dice, one per region of the report; nil where there is no score.
  package let validationDice: [Double?]
  package let seconds: Double

  package init(
    round: Int, site: String, steps: Int, loss: Double, validationDice: [Double?], seconds: Double
  ) {
    self.round = round
    self.site = site
    self.steps = steps
    self.loss = loss
    self.validationDice = validationDice
    self.seconds = seconds
  }
}

/// One site's test scores.
package struct SiteRow: Sendable, Equatable {
  package let site: String
  /// Test cases.
  package let cases: Int
  /// Optimiser steps over the whole run; nil where the site did not train.
  package let steps: Int?
  /// One per region of the report; nil where there is no score.
  package let dice: [Double?]

  package init(site: String, cases: Int, steps: Int?, dice: [Double?]) {
    self.site = site
    self.cases = cases
    self.steps = steps
    self.dice = dice
  }
}

/// Test scores of all sites, as they were computed elsewhere: reports only show them.
package struct ScoreReport: Sendable, Equatable {
  /// Names of the regions, such as `WT`; the columns' order.
  package let regions: [String]
  package let sites: [SiteRow]
  /// Each case counts the same; one per region.
  package let meanOverCases: [Double?]
  /// Each site counts the same; one per region.
  package let meanOverSites: [Double?]
  /// The site with the least mean over its regions.
  package let worstSite: String?
  /// Which model was tested, such as `last model (round 12)`.
  package let model: String
  /// The Dice convention in words, such as `cases without the region are left out`.
  package let diceConvention: String
  /// Every other metric; nil where Dice alone was computed.
  package let metrics: MetricReport?
  /// nil of one site.
  package let statistics: ScoreStatistics?

  package init(
    regions: [String], sites: [SiteRow], meanOverCases: [Double?], meanOverSites: [Double?],
    worstSite: String?, model: String, diceConvention: String, metrics: MetricReport? = nil,
    statistics: ScoreStatistics? = nil
  ) {
    precondition(meanOverCases.count == regions.count && meanOverSites.count == regions.count)
    precondition(sites.allSatisfy { $0.dice.count == regions.count })
    self.regions = regions
    self.sites = sites
    self.meanOverCases = meanOverCases
    self.meanOverSites = meanOverSites
    self.worstSite = worstSite
    self.model = model
    self.diceConvention = diceConvention
    self.metrics = metrics
    self.statistics = statistics
  }
}

/// What one site's messages and scans weigh, in bytes.
package struct BandwidthRow: Sendable, Equatable {
  package let site: String
  package let down: Int
  package let up: Int
  /// As the files lie on disk.
  package let scansCompressed: Int
  package let scansUncompressed: Int

  package init(site: String, down: Int, up: Int, scansCompressed: Int, scansUncompressed: Int) {
    self.site = site
    self.down = down
    self.up = up
    self.scansCompressed = scansCompressed
    self.scansUncompressed = scansUncompressed
  }

  var total: Int { down + up }

  static func sum(_ rows: [BandwidthRow]) -> BandwidthRow {
    BandwidthRow(
      site: "all sites", down: rows.reduce(0) { $0 + $1.down }, up: rows.reduce(0) { $0 + $1.up },
      scansCompressed: rows.reduce(0) { $0 + $1.scansCompressed },
      scansUncompressed: rows.reduce(0) { $0 + $1.scansUncompressed })
  }
}
