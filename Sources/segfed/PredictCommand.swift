import ArgumentParser
import Experiment

struct PredictCommand: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Write a label map for a scan or a folder of scans, in each scan's own grid.",
    discussion: """
      Examples:
        segfed predict --model runs/demo --input SampleData/birch --output labels
        segfed predict --model runs/demo --input case-01 --output labels.nii.gz
      """)

  @Option(name: .long, help: "Run folder, or a .safetensors model of segfed.")
  var model: String

  @Option(name: .long, help: "A scan, a case folder, or a folder of cases or sites.")
  var input: String

  @Option(name: .long, help: "Folder for the label maps, or the label map's file name for a single case.")
  var output: String

  @OptionGroup var layout: LayoutOption

  @Flag(name: .long, help: "Leave out cases that fail a check, and report them, instead of stopping.")
  var skipBadCases = false

  @OptionGroup var tuning: TuningOption
  @OptionGroup var computing: ComputingOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func run() throws {
    var request = Prediction.Request(
      model: model, input: input, output: output, threads: machine.threadCount)
    request.layout = layout.layout
    request.tuning = tuning.tuning
    request.skipsBadCases = skipBadCases
    request.force = machine.force
    try Prediction.execute(request, console: show.console)
  }
}
