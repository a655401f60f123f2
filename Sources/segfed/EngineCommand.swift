import ArgumentParser
import Benchmarking

struct EngineCommand: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(commandName: "engine")
  @Argument var names: [String]
  @Option var threads = 2
  @Option var reps = 5
  @Flag var layers = false
  @Flag var tune = false
  @OptionGroup var computing: ComputingOptions
  func run() throws {
    if tune {
      try Benchmarking.tune(names, threads: threads, reps: reps)
    } else {
      try engineBench(names, threads: threads, reps: reps, layers: layers)
    }
  }
}
