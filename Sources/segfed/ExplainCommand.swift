import ArgumentParser
import Experiment

struct ExplainCommand: ParsableCommand, ComputingOptionsCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show which contrast, and where, a model leans on.",
    discussion: """
      --data tells for each contrast how far Dice falls when it is withheld, over labelled cases
      that the model has not trained on. --input draws heat maps (Seg-Grad-CAM) for a scan,
      a case or a folder of them, and needs no label maps.

      Examples:
        segfed explain --model runs/demo --data fresh-cases --output explained
        segfed explain --model runs/demo --input case-01 --label ET --output heat
      """)

  @Option(name: .long, help: "Run folder, or a .safetensors model of segfed.", completion: .model)
  var model: String

  @Option(
    name: .long, help: "Folder with cases and their label maps: a table of Dice by withheld contrast.",
    completion: .data)
  var data: String?

  @Option(
    name: .long, help: "A scan, a case folder, or a folder of cases or sites: heat maps.", completion: .file()
  )
  var input: String?

  @Option(name: .long, help: "Folder for tables and maps.", completion: .directory)
  var output: String

  @Option(
    name: .long, help: "With --input: a label or region; may be repeated. (default: the plan's regions)")
  var label: [String] = []

  @Option(
    name: .long,
    help: "With --input: the network's stage, encoder.0 (finest) on, or decoder.0 on. (default: the coarsest)"
  )
  var stage: String?

  @OptionGroup var layout: LayoutOption
  @OptionGroup var checks: CheckOptions

  @Flag(name: .long, help: "With --data: let cases count that the model was trained or chosen on.")
  var allowDuplicates = false

  @OptionGroup var computing: ComputingOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func validate() throws {
    if (data == nil) == (input == nil) {
      throw ValidationError("Give either --data DIR or --input CASE.")
    }
    if data != nil && (!label.isEmpty || stage != nil) {
      throw ValidationError("--label and --stage belong to --input: --data has every region, and no maps.")
    }
  }

  func run() throws {
    if let data {
      var request = OcclusionStudy.Request(
        model: model, data: data, output: output, threads: machine.threadCount)
      request.layout = layout.layout
      request.policy = checks.policy
      request.policy.allowsDuplicates = allowDuplicates
      request.force = machine.force
      try OcclusionStudy.execute(request, console: show.console)
    } else if let input {
      var request = HeatMaps.Request(
        model: model, input: input, output: output, threads: machine.threadCount)
      request.layout = layout.layout
      request.labels = label
      request.stage = stage
      request.force = machine.force
      try HeatMaps.execute(request, console: show.console)
    }
  }
}
