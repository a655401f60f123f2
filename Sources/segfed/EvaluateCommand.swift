import ArgumentParser
import Experiment

struct EvaluateCommand: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score predictions or a model against reference label maps.",
    discussion: """
      Examples:
        segfed evaluate --predictions predictions --data SampleData --output scores
        segfed evaluate --model runs/demo --data fresh-cases --output runs/fresh
        segfed evaluate --model runs/a --data new --output out --lesion-rules glioma
      """)

  @Option(name: .long, help: "Folder with label maps, laid out as the data.")
  var predictions: String?

  @Option(name: .long, help: "Run folder or model file; its predictions are scored without being kept.")
  var model: String?

  @Option(name: .long, help: "Folder with the cases and their reference label maps.")
  var data: String

  @Option(name: .long, help: "Folder for metrics.json, metrics.csv and sites/<name>/metrics.csv.")
  var output: String

  @OptionGroup var metrics: MetricOptions
  @OptionGroup var layout: LayoutOption
  @OptionGroup var checks: CheckOptions
  @OptionGroup var inference: InferenceOptions
  @OptionGroup var computing: ComputingOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func validate() throws {
    if (predictions == nil) == (model == nil) {
      throw ValidationError("Give either --predictions DIR or --model RUN.")
    }
  }

  func run() throws {
    let source: Evaluation.Source = predictions.map { .predictions($0) } ?? .model(model ?? "")
    var request = Evaluation.Request(
      source: source, data: data, output: output, threads: machine.threadCount)
    request.layout = layout.layout
    request.policy = checks.policy
    request.metrics = metrics.settings
    request.inference = inference.choice
    request.force = machine.force
    try Evaluation.execute(request, console: show.console)
  }
}
