import ArgumentParser
import Experiment
import Foundations
import Planning

extension PlannedNetwork.Encoder: ExpressibleByArgument {}

struct PlanCommand: AsyncParsableCommand, ComputingOptionsCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Make a plan that fits the data, as nnU-Net does.",
    discussion: """
      The plan fits a memory and a time budget. \
      Sites tell counts and sums of voxel sizes, sizes after cropping, label volumes and intensities; no scan leaves one. The plan is \
      a YAML file to read and change, for segfed train --plan.

      Examples:
        segfed plan --data SampleData --output plan.yaml
        segfed plan --data SampleData --output plan.yaml --memory 4GB --step-time 2
        segfed plan --data hospital --output plan.yaml --dimensions 2 --hours 12
        segfed plan --data new --output plan.yaml --encoder residual --memory 4GB
      """)

  @Option(name: .long, help: "Folder with scans, or a CSV manifest, as for train.", completion: .data)
  var data: String

  @OptionGroup var layout: LayoutOption

  @Option(name: .long, help: "The plan to write; never overwritten without --force.", completion: .yaml)
  var output: String

  @Option(
    name: .long, help: "2: slices; 3: volumes. (default: 3, or 2 for single slices)",
    completion: .list(["2", "3"]))
  var dimensions: Int?

  @Option(name: .long, help: "plain, or residual (nnU-Net's ResEnc).")
  var encoder: PlannedNetwork.Encoder = .plain

  @Option(name: .long, help: "Feature maps of the finest stage.")
  var baseFeatures = 32

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What training may take, such as 8GB: the network's exact figure. (default: 8GB unless another budget is given)",
      valueName: "size"))
  var memory: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What a training step may take at this machine's measured speed, in seconds.", valueName: "seconds"))
  var stepTime: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What training may take at each site: sets the rounds, which are 1000 otherwise.", valueName: "hours"))
  var hours: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "nnU-Net's own estimate of a GPU's memory instead of this machine's, in GB (its default: 8).",
      valueName: "GB"))
  var nnunetBudget: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The engine's speed in GFLOP/s of the convolutions' definition. (default: measured, in a second or two)",
      valueName: "GFLOP/s"))
  var speed: Double?

  @OptionGroup var checks: CheckOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Ceiling on what cases take while they are read side by side, such as 2GB. (default: half of what is free)",
      valueName: "size"))
  var loadingMemory: String?

  @OptionGroup var computing: ComputingOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func validate() throws {
    if let dimensions, dimensions != 2 && dimensions != 3 {
      throw ValidationError("--dimensions: found \(dimensions), expected 2 or 3.")
    }
    if !(1...512).contains(baseFeatures) {
      throw ValidationError("--base-features: found \(baseFeatures), expected 1 to 512.")
    }
    for (name, size) in [("memory", memory), ("loading-memory", loadingMemory)] {
      if let size, ByteCount.parse(size) == nil {
        throw ValidationError("--\(name): found \(size), expected a size such as 2GB or 800MiB.")
      }
    }
    let numbers = [
      ("step-time", stepTime), ("hours", hours), ("nnunet-budget", nnunetBudget), ("speed", speed),
    ]
    for (name, number) in numbers {
      if let number, !number.isFinite || number <= 0 || number > 1e6 {
        throw ValidationError("--\(name): found \(number), expected a number above 0.")
      }
    }
    if nnunetBudget != nil && (memory != nil || stepTime != nil) {
      throw ValidationError("--nnunet-budget stands for another machine: leave out --memory and --step-time.")
    }
  }

  func run() async throws {
    var request = PlanRun.Request(data: data, output: output, threads: machine.threadCount)
    request.layout = layout.layout
    request.dimensions = dimensions
    request.encoder = encoder
    request.baseFeatures = baseFeatures
    request.memory = memory.flatMap(ByteCount.parse)
    request.stepSeconds = stepTime
    request.hours = hours
    request.nnunetBudget = nnunetBudget
    request.gigaflops = speed
    request.policy = checks.policy
    request.loadingMemory = loadingMemory.flatMap(ByteCount.parse)
    request.force = machine.force
    try await PlanRun.execute(request, console: show.console)
  }
}
