import ArgumentParser
import Benchmarking
import Experiment
import Foundations
import Reporting
import Training

struct BenchmarkCommand: ParsableCommand, ComputingOptionsCommand {
  /// What is done instead of timing steps and inferences.
  enum Kind: String, EnumerableFlag {
    case layers, explain, tune, scaling, input

    static func help(for value: Kind) -> ArgumentHelp? {
      switch value {
      case .layers: "Each layer and pass: time, GFLOP/s, bytes, and their share of the machine's best."
      case .explain:
        "Candidates for each convolution and pass, their modelled costs and the choice; runs nothing."
      case .tune: "Time every strategy of each convolution; --output keeps the fastest for --tuning."
      case .scaling: "One thread against all of --threads, beside sgemm's own scaling."
      case .input: "The step on batches that are sampled and augmented meanwhile, against the bare step."
      }
    }
  }

  enum Passes: String, EnumerableFlag {
    case trainingOnly, inferenceOnly

    static func help(for value: Passes) -> ArgumentHelp? {
      value == .trainingOnly ? "Time no inference." : "Time no training step."
    }
  }

  /// In ASCII, which is all that manual pages take.
  private static let networks = BenchmarkNetwork.all.map { network in
    "\(network.name) (\(network.summary.replacing("×", with: "x")))"
  }.joined(separator: "; ")

  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Time networks, layers, strategies or reading.",
    discussion: """
      Networks: \(networks).

      Examples:
        segfed benchmark --network A --network C
        segfed benchmark --network B --layers --threads 2
        segfed benchmark --plan Models/unet3d.yaml --explain
        segfed benchmark --plan Models/unet3d.yaml --tune --output tuning.yaml
        segfed benchmark --network D --input --augmentation nnunet-mr
        segfed benchmark --cases SampleData --spacing 1.5 --interpolation linear
      """)

  @Option(
    name: .long, help: "A, B, C or D; may be repeated. (default: all four)",
    completion: .list(BenchmarkNetwork.all.map(\.name)))
  var network: [String] = []

  @Option(
    name: .long, help: "A plan (YAML, as in Models/) whose network is timed instead.", completion: .plan)
  var plan: String?

  @Option(
    name: .long,
    help:
      "Folder with cases, as for train: instead of networks, time reading and harmonising the first case of each site.",
    completion: .data)
  var cases: String?

  @Option(name: .long, help: "With --cases: isotropic spacing in mm. (default: each scan's)")
  var spacing: Double?

  @OptionGroup var harmonization: HarmonizationOptions

  @Flag(exclusivity: .exclusive) var kind: Kind?
  @Flag(exclusivity: .exclusive) var passes: Passes?

  @Option(name: .long, help: "Steps, and inferences, before those that are timed. (default: the network's)")
  var warmup: Int?

  @Option(name: .long, help: "Timed steps, and timed inferences. (default: the network's)")
  var repetitions: Int?

  @Option(
    name: .long,
    help: "One strategy for every pass that it serves: direct, gather, reference, winograd:1x4x4 and others.",
    completion: .list(["direct", "gather", "reference", "winograd:1x4x4", "winograd:4x4x4"]))
  var strategy: String?

  @Option(
    name: .long, help: "With --input: gain-offset, nnunet, nnunet-mr or none. (default: nnunet)",
    completion: .list(AugmentationChoice.named.map(\.name)))
  var augmentation: String?

  @Option(name: .long, help: "Where --tune writes its table.", completion: .yaml)
  var output: String?

  @OptionGroup var computing: ComputingOptions
  @OptionGroup var tuning: TuningOption
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func validate() throws {
    let known = BenchmarkNetwork.all.map(\.name)
    if let unknown = network.first(where: { !known.contains($0) }) {
      throw ValidationError("--network: found \(unknown), expected one of \(known.joined(separator: ", ")).")
    }
    if plan != nil && !network.isEmpty {
      throw ValidationError("--network and --plan exclude each other: give one.")
    }
    if let warmup, !(0...100_000).contains(warmup) {
      throw ValidationError("--warmup: found \(warmup), expected 0 to 100000.")
    }
    if let repetitions, !(1...100_000).contains(repetitions) {
      throw ValidationError("--repetitions: found \(repetitions), expected 1 to 100000.")
    }
    if strategy != nil && tuning.tuning != nil {
      throw ValidationError("--strategy and --tuning exclude each other: give one.")
    }
    if kind == .tune && (strategy != nil || tuning.tuning != nil) {
      throw ValidationError("--tune times every strategy: leave --strategy and --tuning out.")
    }
    if output != nil && kind != .tune {
      throw ValidationError("--output is where --tune writes its table: add --tune, or leave it out.")
    }
    if cases != nil && (plan != nil || !network.isEmpty || kind != nil || passes != nil) {
      throw ValidationError(
        "--cases times no network: leave --network, --plan and what is timed of them out.")
    }
    if let augmentation, kind != .input || InputBenchmark.augmentation(named: augmentation) == nil {
      throw ValidationError(
        "--augmentation: found \(augmentation), expected gain-offset, nnunet, nnunet-mr or none beside --input."
      )
    }
    if let spacing, cases == nil || !(spacing > 0.01 && spacing < 100) {
      throw ValidationError("--spacing: found \(spacing), expected millimetres beside --cases.")
    }
    if kind != nil && passes != nil {
      throw ValidationError("--training-only and --inference-only are for timing alone: leave them out.")
    }
  }

  func run() throws {
    var settings = BenchmarkSettings(
      version: Segfed.version, threads: machine.threadCount, mode: computing.numerics)
    settings.warmup = warmup
    settings.repetitions = repetitions
    settings.isQuiet = show.quiet
    if let cases {
      let report = try CaseBenchmark(settings).run(
        cases, spacing: spacing.map { [$0, $0, $0] }, choice: harmonization.choice())
      return print(report.text, report.json)
    }
    let networks = try plan.map { [try BenchmarkNetwork(plan: $0)] } ?? chosen
    if let strategy { try settings.override(with: strategy, in: networks) }
    if let file = tuning.tuning { try settings.tune(with: file, for: networks) }
    switch kind {
    case nil:
      let report = try NetworkBenchmark(settings, passes: timed).run(networks)
      print(report.text, report.json)
    case .layers:
      let report = try LayerBenchmark(settings).run(networks)
      print(report.text, report.json)
    case .explain:
      let report = try ChoiceReport(settings, networks: networks)
      print(report.text, report.json)
    case .tune: try tune(networks, settings)
    case .scaling:
      let report = try ScalingBenchmark(settings).run(networks)
      print(report.text, report.json)
    case .input:
      let choice = augmentation.flatMap(InputBenchmark.augmentation(named:))
      let report = try InputBenchmark(settings, augmentation: choice ?? .nnunet).run(networks)
      print(report.text, report.json)
    }
  }

  private var chosen: [BenchmarkNetwork] {
    BenchmarkNetwork.all.filter { network.isEmpty || network.contains($0.name) }
  }

  private var timed: NetworkBenchmark.Passes {
    switch passes {
    case nil: .both
    case .trainingOnly: .step
    case .inferenceOnly: .inference
    }
  }

  private func tune(_ networks: [BenchmarkNetwork], _ settings: BenchmarkSettings) throws {
    if let output { try TuningReport.checkAvailable(output, force: machine.force) }
    let report = try TuningBenchmark(settings).run(networks)
    if let output { try report.write(to: output) }
    print(report.text, report.json)
  }

  private func print(_ text: () -> String, _ json: () -> JSONValue) {
    let console = show.console
    console.print(console.isJSON ? json().rendered() : text())
  }
}
