import ArgumentParser
import Experiment

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tell how far a run is, from another terminal.",
    discussion: """
      Reads the folder of a run, of loso or kfold, of several seeds or of a sweep, and writes nothing there. A run is going on while a \
      process works in its folder.

      Examples:
        segfed status runs/demo
        segfed status runs/loso --json
      """)

  @Argument(
    help: ArgumentHelp("Folder of a run, or of several that belong together.", valueName: "run"),
    completion: .directory)
  var folder: String

  @OptionGroup var show: OutputOptions

  func run() throws { try StatusReport.execute(folder, console: show.console) }
}
