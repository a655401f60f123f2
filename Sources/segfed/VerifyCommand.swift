import ArgumentParser
import Experiment
import Foundations

struct VerifyCommand: AsyncParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a run's weights against journal and data.",
    discussion: """
      Every round is trained again, with the sites that were in it, and its model compared with the journal's digest.

      Examples:
        segfed verify runs/demo
        segfed verify runs/demo --data /mnt/scans
      """)

  @Argument(help: "A run's folder.", completion: .directory)
  var run: String

  @Option(name: .long, help: "Where the data is now. (default: where it was)", completion: .data)
  var data: String?

  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func numericsMode() throws -> Numerics.Mode { try Verification.numerics(of: run) }

  func run() async throws {
    try await Verification(run).execute(data: data, threads: machine.threadCount, console: show.console)
  }
}
