import ArgumentParser
import Experiment
import Inspection
import Reporting

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Audit every site's scans, or anonymise their headers.",
    discussion: """
      The table and inspection.json hold statistics only; what names a case stays in
      sites/<name>/ (cases.csv, cases.json, slices.png). Findings do not change the
      exit code.

      Examples:
        segfed inspect --data SampleData --output inspection
        segfed inspect --data Dataset001_BrainTumour --output inspection --json
        segfed inspect --anonymise --data hospital --output hospital-clean
      """)

  @Option(
    name: .long,
    help: ArgumentHelp("Folder with scans, or a CSV manifest, as for train.", valueName: "path"),
    completion: .data)
  var data: String

  @OptionGroup var layout: LayoutOption

  @Option(name: .long, help: "Folder for the audit, or for the copies.", completion: .directory)
  var output: String

  @Flag(
    name: .long,
    help: "Instead of an audit, copy every scan without header text, extensions and PNG comments.")
  var anonymise = false

  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func run() throws {
    var request = Inspection.Request(data: data, output: output, threads: machine.threadCount)
    request.layout = layout.layout
    request.force = machine.force
    request.isQuiet = show.quiet
    let console = show.console
    if anonymise {
      let summary = try Anonymisation.run(request)
      console.print(
        console.isJSON ? summary.json(output: output).rendered() : summary.text(output: output))
    } else {
      let report = try Inspection.run(request)
      console.print(console.isJSON ? report.json().rendered() : report.text())
    }
  }
}

extension Anonymisation.Summary {
  /// What was done, for scripts.
  fileprivate func json(output: String) -> JSONValue {
    .object([
      ("output", .string(output)), ("scans", .integer(scans)),
      ("copied_as_they_are", .array(copied.map { .string($0) })),
    ])
  }
}
