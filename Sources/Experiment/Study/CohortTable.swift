import Foundations
import Reporting
import Study

/// How many cases each site has in a study, and how many each rule takes out; small numbers are not told.
struct CohortTable {
  private let reports: [SiteReport]

  init(_ reports: [SiteReport]) { self.reports = reports }

  private var rules: [String] { reports.map { $0.excluded.map(\.rule) }.max { $0.count < $1.count } ?? [] }

  private func row(_ report: SiteReport) -> [String] {
    [report.site, Self.text(report.found), Self.text(report.included)]
      + rules.map { rule in Self.text(report.excluded.first { $0.rule == rule }?.cases) }
  }

  private static func text(_ count: CellCount?) -> String { count?.description ?? "–" }

  func text() -> String {
    var table = TextTable(
      columns: [.text("site"), .number("found"), .number("included")] + rules.map { .number("not: \($0)") }
        + [.number("definitions not met")])
    for report in reports { table.add(row(report) + ["\(report.problems.count)"]) }
    return table.rendered()
      + "Excluded cases count at the first rule that they do not meet; – where a small number could be told from it.\n"
  }

  func csv() -> String {
    var document = CSVDocument(columns: ["site", "found", "included"] + rules.map { "excluded: \($0)" })
    for report in reports { document.add(row(report).map { $0 == "–" ? "" : $0 }) }
    return document.rendered()
  }
}
