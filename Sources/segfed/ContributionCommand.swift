import ArgumentParser
import Experiment
import Foundations
import Statistics

extension ContributionStudy.Method: ExpressibleByArgument {}

struct ContributionCommand: AsyncParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    commandName: "contribution",
    abstract: "Tell what each site has added to a run's model.",
    discussion: """
      Needs the run's kept updates, and trains nothing again. \
      Shapley values of every round's gain in Dice on the sites' validation cases, by enumeration or by GTG-Shapley (arXiv 2109.02053);
      beside them what each round loses without a site.

      Examples:
        segfed train --data SampleData --output runs/kept --keep-updates
        segfed contribution runs/kept
        segfed contribution runs/kept --method gtg --tolerance 0.005
      """)

  @Argument(help: "A run's folder.", completion: .directory)
  var run: String

  @Option(name: .long, help: "Where the data is now. (default: where it was)", completion: .data)
  var data: String?

  @Option(name: .long, help: "exact: every coalition; gtg: permutations. (default: exact up to 6 sites)")
  var method: ContributionStudy.Method?

  @Option(
    name: .long, help: "Dice below which a round's gain is divided equally, and a permutation cut off (gtg).")
  var tolerance = 0.001

  @Option(name: .long, help: "The most permutations a round (gtg).")
  var permutations = 200

  @Option(name: .long, help: "Seed of the permutations.")
  var seed: UInt64 = 1

  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func validate() throws {
    guard 0...1 ~= tolerance else {
      throw ValidationError("--tolerance: found \(tolerance), expected 0 to 1.")
    }
    guard 1...1_000_000 ~= permutations else {
      throw ValidationError("--permutations: found \(permutations), expected 1 to 1000000.")
    }
  }

  func numericsMode() throws -> Numerics.Mode { try Verification.numerics(of: run) }

  func run() async throws {
    var settings = GuidedShapley(seed: seed)
    settings.tolerance = tolerance
    settings.mostPermutations = permutations
    try await ContributionStudy(run).execute(
      data: data, method: method, settings: settings, threads: machine.threadCount, console: show.console)
  }
}
