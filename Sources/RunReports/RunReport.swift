import Experiment
import Foundations
import Pages

/// The report of one run, for who coordinates it: statistics alone, no case's name, no picture.
struct RunReport {
  private let run: RecordedRun

  init(_ run: RecordedRun) { self.run = run }

  var page: Page {
    let summary = SummarySection(run)
    let sections = [
      summary.section, OutcomeSection(run)?.section, LearningSection(run)?.section,
      BandwidthSection(run)?.section,
      ContributionSection(run)?.section,
    ]
    return Page(
      title: "segfed report: \(run.name)", lead: summary.answer, sections: sections.compactMap { $0 },
      footer: "Made by segfed \(Release.version).")
  }
}
