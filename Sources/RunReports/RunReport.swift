import Experiment
import Foundation
import Foundations
import Pages

/// Pages for who coordinates: statistics alone, no case's name, no picture.
enum RunReport {
  /// `look` is taken at the data of a single run. Throws `FileError`, `CSVError`.
  static func page(_ records: [Record], look: (RecordedRun) -> DataLook?) throws -> Page {
    guard records.count > 1 else { return try page(records[0], look: look) }
    let comparison = ComparisonSection(records)
    var sections = [try comparison?.section()].compactMap { $0 }
    for case .codecs(_, let table) in records {
      sections += [CodecsSection(table)?.section].compactMap { $0 }
    }
    for case .grid(let grid) in records { sections.append(renamed(GridSection(grid).section, .grid(grid))) }
    for case .matrix(let path, let matrix) in records {
      sections.append(MatrixSection(matrix, name: path).section)
    }
    // What is not a run of its own stands below the comparison whole.
    for record in records {
      if case .folds(let folds) = record, let section = outcome(folds) {
        sections.append(renamed(section, record))
      }
    }
    if sections.isEmpty { throw ReportError.nothing(path: records[0].path) }
    return Page(
      title: "segfed report: " + ComparisonSection.names(records).joined(separator: ", "),
      lead: comparison?.answer,
      sections: sections, footer: footer)
  }

  private static func page(_ record: Record, look: (RecordedRun) -> DataLook?) throws -> Page {
    let title = "segfed report: \(record.name)"
    switch record {
    case .run(let run):
      let summary = SummarySection(run)
      let sections = [
        summary.section, OutcomeSection(run.scores)?.section, LearningSection(run)?.section,
        BandwidthSection(run)?.section,
        DataSection(run, look: look(run)).section, ContributionSection(run)?.section,
        MethodsSection(run).section,
      ]
      return Page(title: title, lead: summary.answer, sections: sections.compactMap { $0 }, footer: footer)
    case .folds(let folds):
      let summary = FoldsSection(folds)
      let sections = [summary.section, outcome(folds), summary.learning]
      return Page(title: title, lead: summary.answer, sections: sections.compactMap { $0 }, footer: footer)
    case .seeds(_, let records):
      let seeds = SeedsSection(records)
      let sections = [seeds?.section, try ComparisonSection(records)?.section()].compactMap { $0 }
      if sections.isEmpty { return try page(records[0], look: look) }
      return Page(title: title, lead: seeds?.answer, sections: sections, footer: footer)
    case .codecs(let path, let table):
      guard let codecs = CodecsSection(table) else { throw ReportError.nothing(path: path) }
      return Page(title: title, lead: codecs.answer, sections: [codecs.section], footer: footer)
    case .grid(let grid):
      let section = GridSection(grid)
      return Page(title: title, lead: section.answer, sections: [section.section], footer: footer)
    case .matrix(let path, let matrix):
      return Page(
        title: title, lead: nil, sections: [MatrixSection(matrix, name: path).section], footer: footer)
    }
  }

  private static func outcome(_ folds: RecordedFolds) -> Page.Section? {
    OutcomeSection(
      folds.scores,
      first: folds.leavesSitesOut ? folds.scores.map { [.figures([ForestPlot($0).figure])] } ?? [] : [])?
      .section
  }

  /// The same under the record's name, where several stand in one page.
  private static func renamed(_ section: Page.Section, _ record: Record) -> Page.Section {
    Page.Section(id: section.id, title: "\(section.title): \(record.name)", blocks: section.blocks)
  }

  private static let footer = "Made by segfed \(Release.version)."
}
