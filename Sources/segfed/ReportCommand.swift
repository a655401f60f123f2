import ArgumentParser
import Plots
import RunReports

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a run's report as one HTML file, or its figures.",
    discussion: """
      Examples:
        segfed report runs/demo
        segfed report runs/demo --format latex --output figures
      """)

  @Argument(help: ArgumentHelp("Folder of a run; several are compared.", valueName: "run"))
  var runs: [String]

  @Option(
    name: .long,
    help:
      "The HTML file, or with --format the folder of the figures. Default: report.html, or figures, in the run's folder."
  )
  var output: String?

  @Option(name: .long, help: "Write every chart and table as a file instead: svg, csv, latex or markdown.")
  var format: FigureFormat?

  @Option(
    name: .long, help: "Where a run's scans lie now, for histograms. (default: where its configuration says)")
  var data: String?

  @Flag(name: .long, help: "Look at no scan: no histograms, no voxel sizes.")
  var noData = false

  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func validate() throws {
    if runs.isEmpty { throw ValidationError("Give at least one run.") }
  }

  func run() throws {
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
