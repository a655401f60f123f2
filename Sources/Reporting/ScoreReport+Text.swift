import Foundations

extension ScoreReport {
  /// The final tables: Dice per site and region, overall rows, the worst site marked, and a caption; then every metric.
  package func text() -> String {
    var table = TextTable(
      columns: [.text("site"), .number("cases"), .number("steps")] + regions.map { .number($0) })
    for site in sites {
      table.add(
        [site.site, "\(site.cases)", site.steps.map { "\($0)" } ?? NumberText.missing]
          + site.dice.map { NumberText.dice($0) },
        note: site.site == worstSite && sites.count > 1 ? "◂ worst" : "")
    }
    table.addRule()
    let cases = sites.reduce(0) { $0 + $1.cases }
    let steps = sites.compactMap(\.steps)
    let stepSum = steps.isEmpty ? NumberText.missing : "\(steps.reduce(0, +))"
    table.add(["mean over cases", "\(cases)", stepSum] + meanOverCases.map { NumberText.dice($0) })
    table.add(["mean over sites", "", ""] + meanOverSites.map { NumberText.dice($0) })
    var caption = "Dice on the test cases, \(model); \(diceConvention).\n"
    if let worstSite, sites.count > 1 {
      caption += "Worst site: \(worstSite) (least mean over its regions).\n"
    }
    return table.rendered() + caption + statisticsText + metricsText
  }

  /// Intervals and disparity; empty of one site.
  var statisticsText: String {
    let text = statistics?.text() ?? ""
    return text.isEmpty ? "" : "\n" + text
  }

  /// Every metric over all cases; empty where Dice alone was computed.
  var metricsText: String { metrics.map { "\n" + $0.text(columns: regions.count) } ?? "" }

  /// The same as CSV: one line per site, then the two overall lines; behind Dice the mean, median and deviation of each
  /// region's and label's metrics.
  package func csv() -> String {
    let more = metrics?.columns ?? []
    let none = [String](repeating: "", count: more.count)
    var document = CSVDocument(
      columns: ["site", "cases", "steps"] + regions.map { "dice_" + $0 } + more)
    for (index, site) in sites.enumerated() {
      document.add(
        [site.site, "\(site.cases)", site.steps.map { "\($0)" } ?? ""]
          + site.dice.map { CSVDocument.field($0) } + (metrics.map { $0.fields($0.sites[index]) } ?? []))
    }
    let cases = sites.reduce(0) { $0 + $1.cases }
    document.add(
      ["mean over cases", "\(cases)", ""] + meanOverCases.map { CSVDocument.field($0) }
        + (metrics.map { $0.fields($0.overall) } ?? []))
    document.add(["mean over sites", "", ""] + meanOverSites.map { CSVDocument.field($0) } + none)
    return document.rendered()
  }
}
