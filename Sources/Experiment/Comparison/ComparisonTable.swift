import Foundations
import Reporting
import Statistics

/// Runs beside each other: what each is, what it differs by from the first, and how unequal its sites fare.
package struct ComparisonTable {
  package struct Row {
    package let run: String
    /// Of the plan, or `mean`: over all of them.
    package let region: String
    package let sample: Sample
    package let interval: ClusterBootstrap.Interval?
    let disparity: Disparity
    let worstSite: String
    /// nil in the first run's rows.
    package let difference: Difference?
  }

  package struct Difference {
    package let mean: Double
    package let interval: ClusterBootstrap.Interval?
    package let test: SignedRankTest
    /// By Holm, over all tests of the table.
    package fileprivate(set) var adjusted: Double
  }

  package let rows: [Row]
  private let sites: Int

  /// `runs` are of the same cases (`CaseDice.difference`).
  package init(_ runs: [CaseDice], bootstrap: ClusterBootstrap) {
    sites = runs[0].sites.count
    let places: [Int?] = [nil] + runs[0].regions.indices.map { $0 }
    var rows: [Row] = []
    for place in places {
      for (index, run) in runs.enumerated() {
        let region = place.map { run.regions[$0] } ?? "mean"
        let row = Self.row(
          run, place, region: region, from: index == 0 ? nil : runs[0], bootstrap: bootstrap)
        if let row { rows.append(row) }
      }
    }
    // The mean over regions is no test of its own: it is told beside them.
    let tested = rows.indices.filter { rows[$0].difference != nil }
    let adjusted = HolmCorrection.adjusted(tested.map { rows[$0].difference?.test.pValue ?? 1 })
    self.rows = rows.enumerated().map { index, row in
      guard let place = tested.firstIndex(of: index), var difference = row.difference else { return row }
      difference.adjusted = adjusted[place]
      return Row(
        run: row.run, region: row.region, sample: row.sample, interval: row.interval,
        disparity: row.disparity, worstSite: row.worstSite, difference: difference)
    }
  }

  private static func row(
    _ run: CaseDice, _ place: Int?, region: String, from first: CaseDice?, bootstrap: ClusterBootstrap
  ) -> Row? {
    let all = zip(run.sites.map(\.name), run.values(place)).filter { !$0.1.isEmpty }
    let values = all.map(\.1)
    guard let sample = Sample(Array(values.joined())), let disparity = Disparity(values.map(\.mean)) else {
      return nil
    }
    let difference = first.map { first in
      let differences = run.differences(place, from: first).filter { !$0.isEmpty }
      let pairs = Array(differences.joined())
      return Difference(
        mean: pairs.isEmpty ? 0 : pairs.mean, interval: bootstrap.interval(differences),
        test: SignedRankTest(differences: pairs), adjusted: 1)
    }
    return Row(
      run: run.path, region: region, sample: sample, interval: bootstrap.interval(values),
      disparity: disparity, worstSite: all[disparity.worst].0, difference: difference)
  }

  private static func text(_ interval: ClusterBootstrap.Interval?) -> String {
    interval.map { "\(NumberText.dice($0.lower)) to \(NumberText.dice($0.upper))" } ?? ""
  }

  private static func text(p value: Double) -> String { value < 0.0001 ? "<0.0001" : NumberText.dice(value) }

  func text() -> String {
    var scores = TextTable(columns: [
      .text("region"), .text("run"), .number("cases"), .number("mean"), .number("median"), .number("SD"),
      .number("95 % interval"), .number("difference"), .number("95 % interval"), .number("p"),
      .number("p, Holm"),
    ])
    var equality = TextTable(columns: [
      .text("region"), .text("run"), .number("worst site"), .text("which"), .number("worst decile"),
      .number("range"), .number("SD"), .number("Gini"),
    ])
    for row in rows {
      let difference = row.difference
      scores.add([
        row.region, row.run, "\(row.sample.count)", NumberText.dice(row.sample.mean),
        NumberText.dice(row.sample.median), NumberText.dice(row.sample.deviation), Self.text(row.interval),
        NumberText.dice(difference?.mean), Self.text(difference?.interval),
        difference.map { Self.text(p: $0.test.pValue) } ?? "",
        difference.map { Self.text(p: $0.adjusted) } ?? "",
      ])
      equality.add([
        row.region, row.run, NumberText.dice(row.disparity.worstValue), row.worstSite,
        NumberText.dice(row.disparity.worstDecile), NumberText.dice(row.disparity.range),
        NumberText.dice(row.disparity.deviation), NumberText.dice(row.disparity.gini),
      ])
    }
    return scores.rendered()
      + """
      Dice over cases; mean: each case's mean over its regions. Intervals: bootstrap of whole sites (BCa, \(sites) sites\(sites < 10 ? ": few, so rough" : "")).
      Difference from the first run, case by case; p: Wilcoxon's signed ranks, two-sided; Holm's correction over all tests here.
      They compare these models: whether their methods differ, several seeds tell.


      """ + equality.rendered()
      + "Between sites, of each site's mean. Gini: 0 where all sites fare alike.\n"
  }

  func csv() -> String {
    var document = CSVDocument(columns: [
      "region", "run", "cases", "mean", "median", "sd", "lower", "upper", "difference", "difference_lower",
      "difference_upper", "wilcoxon", "p", "p_holm", "worst_site", "worst", "worst_decile", "range",
      "sites_sd",
      "gini",
    ])
    for row in rows {
      let (difference, disparity) = (row.difference, row.disparity)
      document.add(
        [row.region, row.run, "\(row.sample.count)"]
          + [
            row.sample.mean, row.sample.median, row.sample.deviation, row.interval?.lower,
            row.interval?.upper,
            difference?.mean, difference?.interval?.lower, difference?.interval?.upper,
            difference?.test.statistic, difference?.test.pValue, difference?.adjusted,
          ].map(CSVDocument.field) + [row.worstSite]
          + [
            disparity.worstValue, disparity.worstDecile, disparity.range, disparity.deviation, disparity.gini,
          ].map(CSVDocument.field))
    }
    return document.rendered()
  }

  func json() -> JSONValue {
    .object([
      ("schema_version", .integer(1)),
      (
        "rows",
        .array(
          rows.map { row in
            let (difference, disparity) = (row.difference, row.disparity)
            return .object([
              ("region", .string(row.region)), ("run", .string(row.run)),
              ("cases", .integer(row.sample.count)),
              ("mean", .number(row.sample.mean)), ("median", .number(row.sample.median)),
              ("sd", .number(row.sample.deviation)), ("lower", .number(row.interval?.lower)),
              ("upper", .number(row.interval?.upper)), ("difference", .number(difference?.mean)),
              ("difference_lower", .number(difference?.interval?.lower)),
              ("difference_upper", .number(difference?.interval?.upper)),
              ("wilcoxon", .number(difference?.test.statistic)), ("p", .number(difference?.test.pValue)),
              ("p_holm", .number(difference?.adjusted)), ("worst_site", .string(row.worstSite)),
              ("worst", .number(disparity.worstValue)), ("worst_decile", .number(disparity.worstDecile)),
              ("range", .number(disparity.range)), ("sites_sd", .number(disparity.deviation)),
              ("gini", .number(disparity.gini)),
            ])
          })
      ),
    ])
  }
}
