import ArgumentParser
import Experiment
import Pictures
import Terminal

extension AnatomicalPlane: ExpressibleByArgument {}
extension ImageProtocol: ExpressibleByArgument {}

struct ViewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "view",
    abstract: "Show slices of a case with its labels outlined.",
    discussion: """
      In a terminal the picture is drawn there: with Kitty's or iTerm2's images or sixels where the terminal has them, else with \
      characters. Slices lie as radiologists read them, a row for each contrast; they go through the labels' middle. A prediction is \
      dashed and paler. The picture has no name of a case or file.

      Examples:
        segfed view SampleData/birch/birch-001
        segfed view SampleData/birch/birch-001 --prediction labels --output birch.png
        segfed view scan.nii.gz --labels tumour.nii.gz --plane axial --slice 40
      """)

  @Argument(
    help: ArgumentHelp(
      "A case folder, a scan, or a case of a data set: <data>/<case>, <data>/<site>/<case>.",
      valueName: "case"), completion: .file())
  var input: String

  @OptionGroup var layout: LayoutOption

  @Option(
    name: .long, help: "A label map on the scan's grid, instead of the case's own.",
    completion: .file())
  var labels: String?

  @Option(
    name: .long,
    help: "A second label map, drawn dashed; or a folder of segfed predict, which has the case's.",
    completion: .file())
  var prediction: String?

  @Option(name: .long, help: "May be repeated. (default: all that the scan has)")
  var plane: [AnatomicalPlane] = []

  @Option(
    name: .long,
    help:
      "Voxel from 0 at the patient's left, back or foot, whatever the file's axes. (default: the labels' middle)"
  )
  var slice: Int?

  @Option(name: .long, help: "A contrast; may be repeated. (default: all)")
  var contrast: [String] = []

  @Option(name: .long, help: "Pixels along a slice's side, at most where a terminal has less room.")
  var size = 320

  @Option(
    name: .long, help: ArgumentHelp("Write a PNG.", valueName: "file.png"),
    completion: .file(extensions: ["png"]))
  var output: String?

  @Option(name: .long, help: "Draw so, whatever standard output is. (default: as the terminal can)")
  var terminal: ImageProtocol?

  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func validate() throws {
    guard 32...2048 ~= size else { throw ValidationError("--size: found \(size), expected 32 to 2048.") }
    if show.json && (output == nil || terminal != nil) {
      throw ValidationError(
        "--json goes with --output and without --terminal: the document takes standard output.")
    }
  }

  func run() throws {
    var request = CaseView.Request(path: input, threads: machine.threadCount)
    (request.layout, request.labels, request.prediction) = (layout.layout, labels, prediction)
    (request.planes, request.slice, request.contrasts) = (plane, slice, contrast)
    (request.side, request.output, request.drawing) = (size, output, terminal)
    request.force = machine.force
    try CaseView.execute(request, console: show.console)
  }
}
