import Experiment
import Foundation
import Foundations
import Pages
import Pictures
import Training

/// `segfed report --site`: a site's own report, with the names and scans of its cases, written where the site keeps what is its own.
package enum SiteReportWriting {
  package struct Request: Sendable {
    package var run: String
    package var site: String
    /// Where the site's cases are now; nil: where the run had them.
    package var data: String?
    /// nil: `report.html` in the site's folder of the run.
    package var output: String?
    package var threads: Int
    package var force = false

    package init(run: String, site: String, threads: Int) {
      (self.run, self.site, self.threads) = (run, site, threads)
    }
  }

  /// Predicts and explains the best, the median and the worst case anew, writes the page and says where it is.
  ///
  /// A case whose files are missing or damaged is named in the page, and the others are shown. Throws the modules' described
  /// errors, and `StoppedByUser`; nothing is written then.
  package static func execute(_ request: Request, console: Console) throws {
    let record = try SiteRecord(run: request.run, site: request.site)
    let output = request.output ?? record.folder.site(request.site) + "/report.html"
    // Of its own kind it is made anew: a report is no result.
    if request.output != nil, FileManager.default.fileExists(atPath: output), !request.force {
      throw FileError.alreadyExists(path: output)
    }
    let files = try SiteCaseFiles(record, data: request.data)
    if request.output == nil { try record.folder.makeSiteFolder(request.site) }
    try OutputCheck.writable(output)
    let ranked = record.ranked
    let chosen =
      ranked.isEmpty
      ? ChosenCase.unscored(record.cases.isEmpty ? files.cases.map(\.name) : record.cases.map(\.name))
      : ChosenCase.scored(ranked)
    let progress = console.progress("looking at cases", total: chosen.count)
    defer { progress.finish() }
    let sections = try chosen.map { item in
      defer { progress.advance(note: item.name) }
      return try section(item, record, files, beside: output, threads: request.threads)
    }
    let scores = SiteScoresSection(record)
    let page = Page(
      title: "segfed site report: \(record.name)", lead: scores.answer,
      sections: [scores.section] + sections, footer: "Made by segfed \(Release.version).")
    try AtomicFile.write(PageWriter().html(page), to: output)
    progress.finish()
    console.print(output)
  }

  private static func section(
    _ chosen: ChosenCase, _ record: SiteRecord, _ files: SiteCaseFiles, beside output: String, threads: Int
  ) throws -> Page.Section {
    func check() throws { try Interruption.check(kept: "No report was written.") }
    guard let found = files.files(of: chosen.name) else {
      return SiteCaseSection.missing(chosen, reason: files.absence(of: chosen.name))
    }
    do {
      let layers = try ExplainedCase.layers(
        of: found, model: record.model, policy: record.configuration.checks ?? .strict, output: output,
        loop: ParallelLoop(threads: threads), check: check)
      return SiteCaseSection(chosen, layers, record: record).section
    } catch let error as StoppedByUser {
      throw error
    } catch let error as any DescribedError {
      return SiteCaseSection.missing(chosen, reason: error.description)
    }
  }
}
