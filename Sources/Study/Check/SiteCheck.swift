import Foundation
import Foundations
import Imaging

/// A study tried at one site. Names of cases stay here; `report` may leave.
package struct SiteCheck: Sendable {
  package let site: String
  /// Which cases are in the study; nil where the rules could not be asked.
  package let cohort: Cohort?
  /// What is wrong with single cases, by name.
  package let faults: [(name: String, fault: String)]
  package let report: SiteReport

  /// Lists, reads headers and label maps, and (`looks`) the scans of the cases that are included.
  ///
  /// Throws `FileError`, `CSVError`, `StudyError` where the site's table cannot be read.
  package init(
    _ study: LockedStudy, at site: SiteListing, data: String, leastCell: Int, looks: Bool,
    skipsBadCases: Bool = false, loop: ParallelLoop, progress: ProgressLine
  ) throws {
    self.site = site.name
    let participants = try Participants(site: site, data: data)
    var (cohort, problems) = try Self.cohort(study.file, site, participants, loop)
    problems += Self.columns(study.file, site, participants)
    let included = Set(cohort?.included ?? site.cases.map(\.name))
    let cases = site.cases.filter { included.contains($0.name) }
    let inspected = try loop.map(cases.count) { index in
      defer { progress.advance(note: site.name) }
      return CaseFacts(cases[index], study: study.file, looks: looks)
    }
    problems += Self.named(study.file, site)
    problems += CaseFacts.problems(
      inspected, study: study.file, leastCell: leastCell, skipsBadCases: skipsBadCases)
    faults = zip(cases, inspected).flatMap { item, facts in facts.faults.map { (item.name, $0) } }
    self.cohort = cohort
    func cell(_ count: Int) -> CellCount { CellCount(count, least: leastCell) }
    let counts = study.file.cohort.rules.map { rule in
      cohort?.excluded.count { $0.rule == rule.name } ?? 0
    }
    let excluded = zip(study.file.cohort.rules, counts).map {
      SiteReport.Exclusion(rule: $0.name, cases: cell($1))
    }
    let labels = study.file.labels.map(\.value).filter { $0 != 0 }
    let labelled = labels.map { label in inspected.count { $0.labels?.contains(label) == true } }
    // With the sum of all, a single small number would be no secret.
    let small = ([cohort?.included.count ?? 0] + counts).contains { (1..<max(1, leastCell)).contains($0) }
    report = SiteReport(
      study: study.digest, site: site.name, found: small || cohort == nil ? nil : cell(site.cases.count),
      included: cohort.map { cell($0.included.count) }, excluded: cohort == nil ? [] : excluded,
      labelCases: labelled.map { count in
        // What is left of all cases would be a small number otherwise.
        let others = inspected.count - count
        return (1..<max(1, leastCell)).contains(others) ? .fewerThan(inspected.count) : cell(count)
      },
      absentLabels: inspected.contains { $0.labels != nil }
        ? labels.indices.filter { labelled[$0] == 0 } : [],
      profile: ContrastProfile(meanOf: inspected.compactMap(\.profile), least: leastCell), problems: problems)
  }

  private static func cohort(
    _ study: StudyFile, _ site: SiteListing, _ participants: Participants, _ loop: ParallelLoop
  ) throws -> (Cohort?, [SiteReport.Problem]) {
    let rules = study.rules
    let table = try SiteTable.make(
      site, participants: participants, asked: rules.flatMap(\.condition.columns), loop: loop)
    var problems: [SiteReport.Problem] = []
    for rule in rules {
      do {
        _ = try Cohort([rule], of: table)
      } catch CohortError.unknownColumn(let name, _) {
        problems.append(
          .init(
            definition: "cohort, \(rule.name)", found: "no column \(name)",
            expected: "one in participants.tsv, or a property of scans"))
      } catch CohortError.kind(let column, let found, let expected) {
        problems.append(
          .init(
            definition: "cohort, \(rule.name)", found: "\(found) in \(column)", expected: expected))
      }
    }
    if !problems.isEmpty { return (nil, problems) }
    let cohort = try Cohort(rules, of: table)
    if cohort.included.isEmpty {
      problems.append(
        .init(
          definition: "cohort", found: "no case that meets every rule", expected: "at least one"))
    }
    return (cohort, problems)
  }

  /// What the study says of the columns of `participants.tsv`.
  private static func columns(
    _ study: StudyFile, _ site: SiteListing, _ participants: Participants
  ) -> [SiteReport.Problem] {
    let rows = site.cases.map { participants.row(of: $0.name) }
    return study.cohort.columns.flatMap { column -> [SiteReport.Problem] in
      let definition = "cohort, column \(column.name)"
      func problem(_ found: String, _ expected: String) -> [SiteReport.Problem] {
        [.init(definition: definition, found: found, expected: expected)]
      }
      guard
        let place = participants.columns.firstIndex(where: { $0.lowercased() == column.name.lowercased() })
      else {
        return problem(participants.path == nil ? "no participants.tsv" : "no such column", "the column")
      }
      let own = participants.units[participants.columns[place]]
      if let units = column.units, let own, own.lowercased() != units.lowercased() {
        return problem("the units \(own.prefix(40))", units)
      }
      let values = CaseTable.values(rows.map { $0[place] })
      return wrong(values, column).map { problem($0, expected(column)) } ?? []
    }
  }

  private static func expected(_ column: StudyFile.Column) -> String {
    if let levels = column.levels { return levels.joined(separator: " or ") }
    let units = column.units.map { " \($0)" } ?? ""
    switch (column.least, column.most) {
    case (let least?, let most?): return "\(least) to \(most)\(units)"
    case (let least?, nil): return "\(least)\(units) or more"
    case (nil, let most?): return "\(most)\(units) or less"
    case (nil, nil): return "any value"
    }
  }

  /// What is wrong with a column, without a value of any case.
  private static func wrong(_ values: [CaseTable.Value], _ column: StudyFile.Column) -> String? {
    let isWrong = values.contains { value in
      switch value {
      case .missing: return false
      case .text(let text):
        return column.levels.map { !$0.contains(text) } ?? (column.least != nil || column.most != nil)
      case .number(let number):
        if let levels = column.levels { return !levels.contains { Double($0) == number } }
        return column.least.map { number < $0 } ?? false || column.most.map { number > $0 } ?? false
      }
    }
    return isWrong ? "other values" : nil
  }

  /// Labels that the site's data set itself names otherwise.
  private static func named(_ study: StudyFile, _ site: SiteListing) -> [SiteReport.Problem] {
    func plain(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }
    return site.namedLabels.compactMap { own in
      guard let label = study.labels.first(where: { $0.value == own.value }),
        plain(label.name) != plain(own.name)
      else { return nil }
      return .init(
        definition: "labels, \(label.value)", found: "the name \(own.name.prefix(60)) in dataset.json",
        expected: label.name)
    }
  }
}
