import ArgumentParser
import Experiment
import Foundations
import Study

struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "What the sites agree on: write it, check it, lock it.",
    discussion: """
      Examples:
        segfed study init --data SampleData --output study.yaml
        segfed study check study.yaml --data SampleData
        segfed study lock study.yaml
        segfed train --study study.yaml --data SampleData --output runs/study
      """,
    subcommands: [StudyInitCommand.self, StudyCheckCommand.self, StudyLockCommand.self])
}

struct StudyInitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a commented study file from a folder of data.",
    discussion: """
      Examples:
        segfed study init --data SampleData --output study.yaml
        segfed study init --data SampleData --plan bench --output study.yaml
      """)

  @Option(
    name: .long, help: ArgumentHelp("Folder with scans, or a CSV manifest, as for train.", valueName: "path"),
    completion: .data)
  var data: String

  @OptionGroup var layout: LayoutOption

  @Option(
    name: .long, help: "A plan's file, or a built-in plan's name. (default: the one that fits the data)",
    completion: .plan)
  var plan: String?

  @Option(name: .long, help: "The file to write.", completion: .yaml)
  var output: String

  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func run() throws {
    var request = StudyStart.Request(data: data, output: output, threads: machine.threadCount)
    request.layout = layout.layout
    request.plan = plan
    request.force = machine.force
    try StudyStart.execute(request, console: show.console)
  }
}

struct StudyCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Try a study at every site: cases and definitions.",
    discussion: """
      Tells which cases would be in it, and which definitions a site does not meet. \
      Cases are counted; a count below --min-cell is told as "<5". Which case is excluded by which rule, and what is wrong with single \
      cases, is written for the site alone (--output). Sites apart run it with --json and hand the report over (--reports).

      Examples:
        segfed study check study.yaml --data SampleData
        segfed study check study.yaml --data birch --json > birch.json
        segfed study check study.yaml --reports aspen.json birch.json cedar.json
      """)

  @Argument(help: "The study's file.", completion: .yaml)
  var study: String

  @Option(
    name: .long, help: ArgumentHelp("Folder with the sites' scans, as for train.", valueName: "path"),
    completion: .data)
  var data: String?

  @OptionGroup var layout: LayoutOption

  @Option(name: .long, help: "One of the sites in the data. (default: all)")
  var site: String?

  @Option(
    name: .long, parsing: .upToNextOption,
    help: "Reports of sites that tried the study themselves (--json), to be compared.",
    completion: .file(extensions: ["json"]))
  var reports: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Folder for what each site sees of its own cases: excluded.csv, faults.csv.", valueName: "path"),
    completion: .directory)
  var output: String?

  @OptionGroup var cells: CellOption
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func validate() throws {
    if data == nil && reports.isEmpty {
      throw ValidationError("Missing expected argument '--data <path>', or --reports.")
    }
  }

  func run() throws {
    var request = StudyRun.CheckRequest(study: study, threads: machine.threadCount)
    request.data = data
    request.layout = layout.layout
    request.site = site
    request.reports = reports
    request.output = output
    request.leastCell = cells.minCell
    request.force = machine.force
    try StudyRun.check(request, console: show.console)
  }
}

struct StudyLockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lock",
    abstract: "Write a study's canonical form and its SHA-256.",
    discussion: """
      Runs take the study as it is then.

      Examples:
        segfed study lock study.yaml
        segfed study lock study.yaml --force
      """)

  @Argument(help: "The study's file.", completion: .yaml)
  var study: String

  @Flag(name: .long, help: "Lock a study again that was changed after it was locked.")
  var force = false

  @OptionGroup var show: OutputOptions

  func run() throws { try StudyRun.lock(study, force: force, console: show.console) }
}

/// The smallest number of cases that a site tells.
struct CellOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Smaller numbers of a site's cases are told as \"<5\".", valueName: "cases"))
  var minCell = StudyCheck.leastCell

  func validate() throws {
    if !(1...1_000_000).contains(minCell) {
      throw ValidationError("--min-cell: found \(minCell), expected 1 to 1000000.")
    }
  }
}

/// The study that a command belongs to.
struct StudyOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "A locked study: its cohort, definitions, plan, strategy, codecs, rounds, seeds, splits and evaluation hold.",
      valueName: "file"), completion: .yaml)
  var study: String?

  @OptionGroup var cells: CellOption
}
