import Foundation

/// A study tried at all sites: each site's report, and what only a comparison of them shows.
package struct StudyCheck: Sendable, Equatable {
  /// By name, with the problems that the comparison found.
  package let reports: [SiteReport]

  /// The smallest number of cases that is told, unless a site says otherwise.
  package static let leastCell = 5

  /// That a label is in none of a site's cases is no accident where chance is smaller than this.
  private static let unlikely = 1e-3

  package init(_ study: StudyFile, reports: [SiteReport]) {
    self.reports = reports.sorted { $0.site < $1.site }.map { report in
      var report = report
      let others = reports.filter { $0.site != report.site }
      report.problems += Self.order(report, others, study) + Self.absent(report, others, study)
      return report
    }
  }

  /// `site: definition: …`, one for each problem.
  package var problems: [String] {
    reports.flatMap { report in
      report.problems.map {
        "\(report.site): \($0.definition): found \($0.found), expected \($0.expected)"
      }
    }
  }

  /// Contrasts or labels that look like others' of another name.
  private static func order(
    _ report: SiteReport, _ others: [SiteReport], _ study: StudyFile
  ) -> [SiteReport.Problem] {
    guard let own = report.profile, let reference = ContrastProfile.median(of: others.compactMap(\.profile))
    else { return [] }
    func told(_ order: [Int], _ names: [String]) -> String {
      order.indices.filter { order[$0] != $0 }
        .map { "\(names[$0]) looks like the others' \(names[order[$0]])" }.joined(separator: ", ")
    }
    var problems: [SiteReport.Problem] = []
    if let order = own.contrastOrder(against: reference) {
      problems.append(
        .init(
          definition: "features.contrasts", found: told(order, study.features.contrasts),
          expected: "contrasts named as at the other sites"))
    }
    if let order = own.labelOrder(against: reference) {
      let names = study.labels.filter { $0.value != 0 }.map { "\($0.value) \($0.name)" }
      problems.append(
        .init(
          definition: "labels", found: told(order, names), expected: "values with the study's meaning"))
    }
    return problems
  }

  /// Labels that no case of the site has, though many of the others' have.
  private static func absent(
    _ report: SiteReport, _ others: [SiteReport], _ study: StudyFile
  ) -> [SiteReport.Problem] {
    let labels = study.labels.filter { $0.value != 0 }
    return report.absentLabels.filter(labels.indices.contains).compactMap { place in
      let theirs = others.filter { $0.labelCases.indices.contains(place) }
      let all = theirs.reduce(0) { $0 + ($1.included?.atLeast ?? 0) }
      let with = theirs.reduce(0) { $0 + min($1.labelCases[place].atLeast, $1.included?.atLeast ?? 0) }
      guard all > 0, let cases = report.included?.atLeast, cases > 0 else { return nil }
      let share = Double(with) / Double(all)
      guard pow(1 - share, Double(cases)) < unlikely else { return nil }
      return .init(
        definition: "labels, \(labels[place].value)",
        found: "\(labels[place].name) in none of \(cases) cases", expected: "in some, as at the other sites")
    }
  }
}
