import Foundations
import Reporting
import Statistics

/// Contributions as tables, the largest first.
struct ContributionTable {
  private let ledger: ContributionLedger
  private let sites: [ContributionLedger.Site]

  init(_ ledger: ContributionLedger) {
    self.ledger = ledger
    sites = ledger.sites.sorted { ($1.value, $0.site) < ($0.value, $1.site) }
  }

  func text() -> String {
    var table = TextTable(columns: [
      .text("site"), .number("rounds"), .number("contribution"), .number("95 % interval"),
      .number("sampling error"),
      .number("share"), .number("left out"),
    ])
    let gain = ledger.gain.mean
    for site in sites {
      let interval = site.interval(seed: 0).map {
        "\(NumberText.dice($0.lower)) to \(NumberText.dice($0.upper))"
      }
      table.add([
        site.site, "\(site.rounds)", NumberText.dice(site.value), interval ?? "", NumberText.dice(site.error),
        gain > 0 ? NumberText.fixed(100 * site.value / gain, decimals: 1) + " %" : "",
        NumberText.dice(site.without.mean),
      ])
    }
    table.addRule()
    table.add(["all sites", "", NumberText.dice(sites.map(\.value).reduce(0, +)), "", "", "", ""])
    return table.rendered() + """
      Contribution: Shapley value in Dice (mean over regions and \(ledger.judges.count) sites' validation cases), summed over rounds; all together are the model's gain, \(NumberText.dice(gain)).
      Interval: bootstrap over the sites that judge; sampling error: of permutations, 0 where every coalition was scored (\(ledger.asked) were).
      Left out: how much lower the rounds' models score without the site's update, summed over rounds.

      """
  }

  func csv() -> String {
    var document = CSVDocument(
      columns: ["site", "rounds", "contribution", "lower", "upper", "sampling_error", "left_out"]
        + ledger.judges.map { "at_" + $0 })
    for site in sites {
      let interval = site.interval(seed: 0)
      document.add(
        [site.site, "\(site.rounds)"]
          + [site.value, interval?.lower, interval?.upper, site.error, site.without.mean].map(
            CSVDocument.field)
          + site.values.map { CSVDocument.field($0) })
    }
    return document.rendered()
  }
}
