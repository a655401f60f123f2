import ArgumentParser
import Experiment

struct ExplainCommand: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show what a model leans on: which contrast, and where in the scan.",
    discussion: """
      --data tells for each contrast how far Dice falls when it is withheld, over labelled cases
      that the model has not trained on.

      Examples:
        segfed explain --model runs/demo --data fresh-cases --output explained
        segfed explain --model runs/demo --data fresh-cases --output explained --json
      """)

  @Option(name: .long, help: "Run folder, or a .safetensors model of segfed.")
  var model: String

  @Option(name: .long, help: "Folder with cases and their label maps.")
  var data: String

  @Option(name: .long, help: "Folder for occlusion.json, occlusion.csv and sites/<name>/occlusion.csv.")
  var output: String

  @OptionGroup var layout: LayoutOption
  @OptionGroup var checks: CheckOptions
  @OptionGroup var computing: ComputingOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func run() throws {
    var request = OcclusionStudy.Request(
      model: model, data: data, output: output, threads: machine.threadCount)
    request.layout = layout.layout
    request.policy = checks.policy
    request.force = machine.force
    try OcclusionStudy.execute(request, console: show.console)
  }
}
