import ArgumentParser
import Experiment
import Foundations
import Study

struct SiteCommand: AsyncParsableCommand, ComputingOptionsCommand {
  static let configuration = CommandConfiguration(
    commandName: "site",
    abstract: "Be one site of a federation, through two folders.",
    discussion: """
      The coordinator (segfed train --transport folder:DIR) says in the inbox what the run is and what is to be done; the answers lie \
      in the outbox. Weights, counts and aggregates cross; scans, metrics of single cases and checkpoints stay in --output. The \
      command ends with the run. Stopped or killed and started again, it goes on where it was.

      Examples:
        segfed site --data birch --inbox share/inbox --outbox share/outbox
        segfed site --data birch --inbox in --outbox out --output mine
      """)

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The site's cases (<case>/<case>_<contrast>.nii.gz), or a data set as for train that has the site.",
      valueName: "path"), completion: .data)
  var data: String

  @OptionGroup var layout: LayoutOption

  @Option(
    name: .long,
    help: "The site in the data. (default: the only one, or the one that the coordinator calls so)")
  var site: String?

  @Option(
    name: .long, help: "Folder that the coordinator writes to; made if it is not there.",
    completion: .directory)
  var inbox: String

  @Option(
    name: .long, help: "Folder that the coordinator reads; made if it is not there.", completion: .directory)
  var outbox: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Folder for what stays here: checkpoints, metrics of single cases, the site's model. (default: site-<name>-<run> here)",
      valueName: "path"), completion: .directory)
  var output: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Folder that keeps a copy of everything that crosses, to be looked at.", valueName: "path"),
    completion: .directory)
  var keepMessages: String?

  @OptionGroup var study: StudyOptions
  @OptionGroup var reading: ReadingOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Ceiling on what the network takes in training, such as 2GB; slower, same results.", valueName: "size"))
  var memory: String?

  @OptionGroup var computing: ComputingOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func validate() throws {
    if let memory, ByteCount.parse(memory) == nil {
      throw ValidationError("--memory: found \(memory), expected a size such as 2GB or 800MiB.")
    }
    if Folder.place(inbox) == Folder.place(outbox) {
      throw ValidationError("--inbox and --outbox: found \(inbox) twice, expected two folders.")
    }
  }

  func run() async throws {
    var request = SiteRun.Request(data: data, inbox: inbox, outbox: outbox, threads: machine.threadCount)
    request.layout = layout.layout
    request.site = site
    request.output = output
    request.messages = keepMessages
    request.study = try study.study.map { try LockedStudy.read($0) }
    request.leastCell = study.cells.minCell
    request.cache = reading.cache
    request.loadingMemory = reading.ceiling
    request.memoryCeiling = memory.flatMap(ByteCount.parse)
    request.numerics = computing.numerics
    request.force = machine.force
    try await SiteRun.execute(request, console: show.console)
  }
}
