import ArgumentParser
import Foundation
import Foundations
import Tensor

/// The command line: parses, calls, prints.
@main
struct Segfed: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segfed",
    abstract: "Federated segmentation on ordinary CPUs: scans stay, weights travel.",
    discussion: """
      Examples:
        segfed train --data SampleData --output runs/first
        segfed predict --model runs/first --input SampleData/aspen --output labels
      """,
    version: version,
    // In the order of the work.
    groupedSubcommands: [
      CommandGroup(
        name: "Data and training",
        subcommands: [
          DoctorCommand.self, SimulateCommand.self, InspectCommand.self, HarmoniseCommand.self,
          StudyCommand.self, PlanCommand.self, TrainCommand.self, SiteCommand.self, LosoCommand.self,
          KfoldCommand.self, SweepCommand.self, BandwidthCommand.self, StrategiesCommand.self,
          CodecsCommand.self, BenchmarkCommand.self,
        ]),
      CommandGroup(
        name: "Models and results",
        subcommands: [
          ViewCommand.self, StatusCommand.self, PredictCommand.self, EvaluateCommand.self,
          ReportCommand.self,
        ] + serving + [
          CompareCommand.self, MatrixCommand.self, ContributionCommand.self, TimeCommand.self,
          VerifyCommand.self, ExplainCommand.self, ExportCommand.self,
        ]),
    ])

  /// Left out where the package is built without its trait Serving.
  private static var serving: [any ParsableCommand.Type] {
    #if Serving
      [ServeCommand.self]
    #else
      []
    #endif
  }

  static let version = Release.version

  static func main() async {
    StandardStream.ignoreClosedPipes()
    KeptMemory.keepLargeBlocks()
    do {
      var command = try parseAsRoot()
      try KernelChoice.check()
      // Before signals are caught: the program may start itself again, and one that came in between would be lost.
      try (command as? any ComputingCommand)?.prepareNumerics()
      Interruption.listen()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      if let reason = StandardStream.outputFailure {
        throw FileError.notWritable(path: "standard output", reason: reason)
      }
    } catch let error as StoppedByUser {
      fail(error, code: 130)
    } catch let error as any DescribedError {
      fail(error, code: 2)
    } catch {
      exit(withError: error)
    }
  }

  /// One line on standard error, whatever the message holds.
  private static func fail(_ error: any DescribedError, code: Int32) -> Never {
    let message = error.description.split(whereSeparator: \.isNewline).joined(separator: " ")
    StandardStream.error.write("segfed: \(message)\n")
    Foundation.exit(code)
  }
}
