import ArgumentParser
import Experiment

struct SweepCommand: AsyncParsableCommand, ComputingOptionsCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Train every run of a grid; go on where it stopped.",
    discussion: """
      A grid is of strategies, attacks, weights, seeds and more. \
      The file is YAML:
        schema_version: 1
        data: data            # relative to the file, as test
        test: fresh           # cases that no run trains on; left out: the runs' own test cases
        plan: bench
        seeds: [1, 2, 3]
        grid:
          strategy: [fedavg, "fedprox:mu=0.01", median]

      Examples:
        segfed sweep strategies.yaml --output runs/strategies
        segfed sweep attacks.yaml --output runs/attacks --keep-runs
      """)

  @Argument(help: "The grid's file.", completion: .yaml)
  var file: String

  @Option(
    name: .long, help: "Folder for results.jsonl and results.csv; finished runs there are not repeated.",
    completion: .directory)
  var output: String

  @Flag(name: .long, help: "Keep the runs' folders; they are removed once their results are written.")
  var keepRuns = false

  @OptionGroup var computing: ComputingOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func run() async throws {
    try await Sweep(
      SweepFile.read(file), output: output, threads: machine.threadCount, keepsRuns: keepRuns,
      force: machine.force,
      console: show.console
    ).execute()
  }
}
