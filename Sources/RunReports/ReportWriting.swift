import Experiment
import Foundation
import Foundations
import Pages
import Plots

/// `segfed report`: reads runs, writes a page or the files of its figures.
package enum ReportWriting {
  package struct Request: Sendable {
    package var runs: [String]
    /// The page, or with `format` the folder of the figures; nil: `report.html` in the run's folder, or `figures`.
    package var output: String?
    /// nil: the page.
    package var format: FigureFormat?
    /// Where the run's scans lie now; nil: where its configuration says.
    package var data: String?
    /// Whether scans are looked at.
    package var looksAtData = true
    package var threads: Int
    package var force = false

    package init(runs: [String], threads: Int) { (self.runs, self.threads) = (runs, threads) }
  }

  /// Writes what is asked for and says where. Throws `FileError`, `CSVError`, `ReportError`, `ExperimentError`.
  package static func execute(_ request: Request, console: Console) throws {
    if request.output == nil, request.runs.count > 1 { throw ReportError.noOutput(runs: request.runs.count) }
    let page = try RunReport.page(request.runs.map { try Record($0) }) { run in
      request.looksAtData
        ? DataLook(run, data: request.data, threads: request.threads, console: console) : nil
    }
    if let format = request.format {
      try write(page.figures, as: format, request, console: console)
    } else {
      let path = request.output ?? request.runs[0] + "/report.html"
      // Of its own kind it is made anew: a report is no result.
      let isOwn = request.output == nil
      if FileManager.default.fileExists(atPath: path), !request.force, !isOwn {
        throw FileError.alreadyExists(path: path)
      }
      try AtomicFile.write(PageWriter().html(page), to: path)
      console.print(path)
    }
  }

  private static func write(
    _ figures: [Figure], as format: FigureFormat, _ request: Request, console: Console
  ) throws {
    let folder = request.output ?? request.runs[0] + "/figures"
    try Folder.make(folder)
    var count = 0
    for figure in figures {
      guard let text = figure.rendered(as: format) else { continue }
      try AtomicFile.write(text, to: "\(folder)/\(figure.id).\(format.fileExtension)")
      count += 1
    }
    console.print("\(folder): \(count) files")
  }
}
