import ArgumentParser
import Experiment
import Foundations
import Plots
import RunReports

struct ReportCommand: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a run's report as one HTML file, or its figures.",
    discussion: """
      A run's report has statistics alone, for who coordinates it. With --site it is the site's own, written in the site's
      folder: names, scores and scans of its cases, to be looked through slice by slice.

      Examples:
        segfed report runs/demo
        segfed report runs/demo --format latex --output figures
        segfed report runs/demo --site birch
      """)

  @Argument(
    help: ArgumentHelp("Folder of a run; several are compared.", valueName: "run"), completion: .directory)
  var runs: [String]

  @Option(
    name: .long,
    help:
      "The HTML file, or with --format the folder of the figures. Default: report.html, or figures, in the run's or the site's folder.",
    completion: .file())
  var output: String?

  @Option(name: .long, help: "Write every chart and table as a file instead: svg, csv, latex or markdown.")
  var format: FigureFormat?

  @Option(name: .long, help: "The report of one site, with names and scans of its cases: it stays there.")
  var site: String?

  @Option(
    name: .long, help: "Where a run's or the site's scans lie now. (default: where its configuration says)",
    completion: .directory)
  var data: String?

  @Flag(name: .long, help: "Look at no scan: no histograms, no voxel sizes.")
  var noData = false

  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func validate() throws {
    if runs.isEmpty { throw ValidationError("Give at least one run.") }
    if site != nil && runs.count > 1 {
      throw ValidationError("--site is a site of one run: found \(runs.count) runs.")
    }
    if site != nil && format != nil { throw ValidationError("--format goes without --site.") }
    if site != nil && noData {
      throw ValidationError("--no-data goes without --site, which is there to show scans.")
    }
  }

  /// A site's report predicts as the run did.
  func numericsMode() throws -> Numerics.Mode {
    try site == nil ? .native : Verification.numerics(of: runs[0])
  }

  func run() throws {
    if let site {
      var request = SiteReportWriting.Request(run: runs[0], site: site, threads: machine.threadCount)
      request.data = data
      request.output = output
      request.force = machine.force
      try SiteReportWriting.execute(request, console: show.console)
      return
    }
    var request = ReportWriting.Request(runs: runs, threads: machine.threadCount)
    request.output = output
    request.format = format
    request.data = data
    request.looksAtData = !noData
    request.force = machine.force
    try ReportWriting.execute(request, console: show.console)
  }
}

extension FigureFormat: ExpressibleByArgument {}
