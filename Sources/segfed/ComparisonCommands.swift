import ArgumentParser
import Experiment
import Foundations
import Study

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare runs: intervals, paired tests, disparity.",
    discussion: """
      The runs have the same test cases. \
      Each case's Dice is read from sites/<name>/metrics.csv of runs, evaluations and cross-validations; the others are compared with \
      the first, case by case.

      Examples:
        segfed compare runs/federated runs/pooled runs/alone
        segfed compare runs/loso-plain runs/loso-atlas --output runs/compared
      """)

  @Argument(help: "Folders of runs; the others are compared with the first.", completion: .directory)
  var runs: [String]

  @Option(name: .long, help: "Folder for compare.csv and compare.json.", completion: .directory)
  var output: String?

  @Option(name: .long, help: "Sets of sites that intervals are drawn from.")
  var resamples = 10_000

  @Option(name: .long, help: "Seed of the draws.")
  var seed: UInt64 = 0

  @Flag(name: .long, help: "Replace an earlier result in the output folder.")
  var force = false

  @OptionGroup var show: OutputOptions

  func validate() throws {
    guard 100...1_000_000 ~= resamples else {
      throw ValidationError("--resamples: found \(resamples), expected 100 to 1000000.")
    }
  }

  func run() throws {
    var request = RunComparison.Request(runs: runs)
    (request.output, request.resamples, request.seed, request.force) = (output, resamples, seed, force)
    try RunComparison.execute(request, console: show.console)
  }
}

struct MatrixCommand: ParsableCommand, ComputingOptionsCommand {
  static let configuration = CommandConfiguration(
    commandName: "matrix",
    abstract: "Test each site's model at every site.",
    discussion: """
      Cases that a model was trained or chosen on are left out.

      Examples:
        segfed train --data SampleData --output runs/alone --mode local
        segfed matrix --model runs/alone --data SampleData --output runs/matrix
        segfed matrix --model runs/alone --data fresh --output runs/fresh --json
      """)

  @Option(
    name: .long, help: "A run's folder with a model for each site, such as one of --mode local.",
    completion: .directory)
  var model: String

  @Option(name: .long, help: "Folder with the sites' cases and label maps.", completion: .data)
  var data: String

  @Option(name: .long, help: "Folder for matrix.csv and matrix.json.", completion: .directory)
  var output: String

  @OptionGroup var study: StudyOptions
  @OptionGroup var layout: LayoutOption
  @OptionGroup var checks: CheckOptions
  @OptionGroup var computing: ComputingOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func run() throws {
    var request = CrossSiteMatrix.Request(
      run: model, data: data, output: output, threads: machine.threadCount)
    request.layout = layout.layout
    request.policy = checks.policy
    request.study = try study.study.map { try LockedStudy.read($0) }
    request.leastCell = study.cells.minCell
    request.force = machine.force
    try CrossSiteMatrix.execute(request, console: show.console)
  }
}

struct TimeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "time",
    abstract: "Simulate how long a run would take at hospitals.",
    discussion: """
      Simulated too is the convergence score of FeTS' challenge. \
      Each site's speed and link are drawn from FeTS' times at real hospitals; what is told is simulated, not measured.

      Examples:
        segfed time runs/first
        segfed time runs/plain runs/coded --seed 2 --output times.csv
      """)

  @Argument(help: "Folders of federated runs.", completion: .directory)
  var runs: [String]

  @Option(name: .long, help: "Seed of the hospitals' speeds and links.")
  var seed: UInt64 = 1

  @Option(name: .long, help: "A table of every round (CSV).", completion: .data)
  var output: String?

  @OptionGroup var show: OutputOptions

  func run() throws {
    try SimulatedTime.execute(runs: runs, seed: seed, output: output, console: show.console)
  }
}
