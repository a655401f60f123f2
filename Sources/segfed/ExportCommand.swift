import ArgumentParser
import Experiment

extension ModelExport.Format: ExpressibleByArgument {}

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model as ONNX, or for nnU-Net's PyTorch.",
    discussion: """
      Beside the model lie dataset.json and plans.json, the plan in nnU-Net's words.

      Examples:
        segfed export --model runs/demo --format onnx --output exported/model.onnx
        segfed export --model runs/demo --format nnunet --output exported
      """)

  @Option(name: .long, help: "Run folder, or a .safetensors model of segfed.", completion: .model)
  var model: String

  @Option(
    name: .long,
    help: """
      onnx: opset 17, channels first, a batch of the plan's patches of any number. nnunet: safetensors with the names of \
      nnU-Net's PlainConvUNet and ResidualEncoderUNet.
      """)
  var format: ModelExport.Format

  @Option(
    name: .long, help: "The model's file, ending in .onnx; of --format nnunet a folder.",
    completion: .file(extensions: ["onnx"]))
  var output: String

  @Flag(name: .long, help: "Replace files of an earlier export.")
  var force = false

  @OptionGroup var show: OutputOptions

  func run() throws {
    var request = ModelExport.Request(
      model: model, format: format, output: output, version: Segfed.version)
    request.force = force
    try ModelExport.execute(request, console: show.console)
  }
}
