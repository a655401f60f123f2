import ArgumentParser
import Experiment
import Study
import Training

struct EvaluateCommand: ParsableCommand, ComputingOptionsCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score predictions or a model against label maps.",
    discussion: """
      Examples:
        segfed evaluate --predictions predictions --data SampleData --output scores
        segfed evaluate --model runs/demo --data fresh-cases --output runs/fresh
        segfed evaluate --model runs/a --data new --output out --lesion-rules glioma
      """)

  @Option(name: .long, help: "Folder with label maps, laid out as the data.", completion: .directory)
  var predictions: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "As in predict: run folder, model file or a run's folder of sites, several are an ensemble; predictions are scored without being kept, their calibration too.",
      valueName: "model"), completion: .model)
  var model: [String] = []

  @Option(name: .long, help: "Folder with the cases and their reference label maps.", completion: .data)
  var data: String

  @Option(
    name: .long, help: "Folder for metrics.json, metrics.csv and sites/<name>/metrics.csv.",
    completion: .directory)
  var output: String

  @OptionGroup var study: StudyOptions
  @OptionGroup var metrics: MetricOptions
  @OptionGroup var layout: LayoutOption
  @OptionGroup var checks: CheckOptions

  @Flag(name: .long, help: "Let cases be scored that the run was trained or chosen on.")
  var allowDuplicates = false

  @OptionGroup var inference: InferenceOptions
  @OptionGroup var cleanup: CleanupOptions
  @OptionGroup var computing: ComputingOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func validate() throws {
    if let study = study.study, let option = metrics.given {
      throw ValidationError(
        "\(option) and --study exclude each other: \(study) says it. Leave one of them out.")
    }
    if (predictions == nil) == model.isEmpty {
      throw ValidationError("Give either --predictions DIR or --model RUN.")
    }
    if predictions != nil && cleanup.cleanup != LabelCleanup() {
      throw ValidationError("--keep-largest and --minimum-size go with --model: clean up when you predict.")
    }
  }

  func run() throws {
    let source: Evaluation.Source = predictions.map { .predictions($0) } ?? .models(model)
    var request = Evaluation.Request(
      source: source, data: data, output: output, threads: machine.threadCount)
    request.layout = layout.layout
    request.policy = checks.policy
    request.policy.allowsDuplicates = allowDuplicates
    request.study = try study.study.map { try LockedStudy.read($0) }
    request.leastCell = study.cells.minCell
    request.metrics = request.study?.file.metrics ?? metrics.settings
    request.inference = inference.choice
    request.cleanup = cleanup.cleanup
    request.force = machine.force
    try Evaluation.execute(request, console: show.console)
  }
}
