import ArgumentParser
import Foundation
import Foundations
import Tensor

/// The command line: parses, calls, prints.
@main
struct Segfed: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segfed",
    abstract: "Federated segmentation on ordinary CPU machines: scans stay, weights travel.",
    discussion: """
      Examples:
        segfed simulate --profile demo --seed 1 --output data
        segfed inspect --data data --output inspection
        segfed plan --data data --output plan.yaml
        segfed train --data data --output runs/first
        segfed predict --model runs/first --input data/aspen --output predictions
      """,
    version: version,
    subcommands: [
      StudyCommand.self, TrainCommand.self, SiteCommand.self, LosoCommand.self, KfoldCommand.self,
      PredictCommand.self,
      EvaluateCommand.self,
      SweepCommand.self, BandwidthCommand.self, ContributionCommand.self,
      CompareCommand.self, MatrixCommand.self, TimeCommand.self,
      StatusCommand.self, VerifyCommand.self, StrategiesCommand.self,
      CodecsCommand.self, ExportCommand.self,
      ExplainCommand.self,
      InspectCommand.self, ViewCommand.self, PlanCommand.self,
      HarmoniseCommand.self, SimulateCommand.self, BenchmarkCommand.self,
    ])

  static let version = "0.1.0"

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
