import ArgumentParser
import Experiment
import Training

struct PredictCommand: ParsableCommand, ComputingOptionsCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Write a label map for each scan, in its own grid.",
    discussion: """
      Examples:
        segfed predict --model runs/demo --input SampleData/birch --output labels
        segfed predict --model runs/demo --input case-01 --output labels.nii.gz
        segfed predict --model runs/a --model runs/b --input new --output labels
        segfed predict --model runs/local/sites --input case-01 --output labels
      """)

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Run folder, a .safetensors model of segfed, or a run's folder of sites; several are an ensemble, whose probabilities are averaged.",
      valueName: "model"), completion: .model)
  var model: [String]

  @Option(
    name: .long, help: "A scan, a case folder, a folder of cases or sites, or a table of cases (CSV).",
    completion: .file())
  var input: String

  @Option(
    name: .long, help: "Folder for the label maps, or the label map's file name for a single case.",
    completion: .file(extensions: ["nii.gz", "nii", "png"]))
  var output: String

  @OptionGroup var layout: LayoutOption
  @OptionGroup var inference: InferenceOptions
  @OptionGroup var cleanup: CleanupOptions

  @Flag(
    name: .long,
    help: "Also write <case>_probabilities.nii.gz: 4D, a volume for each label or region of the plan.")
  var probabilities = false

  @Flag(
    name: .long,
    help:
      "Also write <case>_entropy.nii.gz and .png: 0 where the model is certain, 1 where all labels are alike."
  )
  var entropy = false

  @Flag(name: .long, help: "Leave out cases that fail a check, and report them, instead of stopping.")
  var skipBadCases = false

  @OptionGroup var tuning: TuningOption
  @OptionGroup var computing: ComputingOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func run() throws {
    var request = Prediction.Request(
      models: model, input: input, output: output, threads: machine.threadCount)
    request.layout = layout.layout
    request.tuning = tuning.tuning
    request.inference = inference.choice
    request.cleanup = cleanup.cleanup
    request.maps = .init(probabilities: probabilities, entropy: entropy)
    request.skipsBadCases = skipBadCases
    request.force = machine.force
    try Prediction.execute(request, console: show.console)
  }
}
