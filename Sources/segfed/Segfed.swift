import ArgumentParser
import Foundation
import Foundations

/// The command line: parses, calls, prints.
@main
struct Segfed: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segfed",
    abstract: "Federated segmentation on ordinary CPU machines: scans stay, weights travel.",
    discussion: """
      Examples:
        segfed simulate --profile demo --seed 1 --output data
        segfed train --data data --output runs/first
        segfed predict --model runs/first --input data/site-a --output predictions
      """,
    version: version,
    subcommands: [
      TrainCommand.self, LosoCommand.self, PredictCommand.self, EvaluateCommand.self,
      SimulateCommand.self,
    ])

  static let version = "0.1.0"

  static func main() async {
    Interruption.listen()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      if Interruption.isRequested { Foundation.exit(130) }
    } catch let error as any DescribedError {
      FileHandle.standardError.write(Data("segfed: \(error.description)\n".utf8))
      Foundation.exit(2)
    } catch {
      exit(withError: error)
    }
  }
}
