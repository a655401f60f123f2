/// Leave-one-site-out: each site scored by a model that never saw it.
package struct LeaveOneOutReport: Sendable, Equatable {
  /// `sites` are the held-out sites, each with all its cases; `steps` those of the run without it.
  package let scores: ScoreReport

  package init(scores: ScoreReport) {
    self.scores = scores
  }

  /// Held-out site → Dice per region, with both means and the worst site.
  package func text() -> String {
    var table = TextTable(
      columns: [.text("held-out site"), .number("cases")] + scores.regions.map { .number($0) })
    for site in scores.sites {
      table.add(
        [site.site, "\(site.cases)"] + site.dice.map { NumberText.dice($0) },
        note: site.site == scores.worstSite && scores.sites.count > 1 ? "◂ worst" : "")
    }
    table.addRule()
    let cases = scores.sites.reduce(0) { $0 + $1.cases }
    table.add(["mean over cases", "\(cases)"] + scores.meanOverCases.map { NumberText.dice($0) })
    table.add(["mean over sites", ""] + scores.meanOverSites.map { NumberText.dice($0) })
    return table.rendered()
      + "Dice on every case of the held-out site, trained on the others, \(scores.model); "
      + "\(scores.diceConvention).\n" + scores.statisticsText + scores.metricsText
  }
}
