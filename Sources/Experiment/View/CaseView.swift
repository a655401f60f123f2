import Foundation
import Foundations
import Imaging
import Pictures
import Reporting
import Terminal

/// `segfed view`: slices of a case with its labels outlined, in a file or in the terminal.
package enum CaseView {
  package struct Request: Sendable, Equatable {
    /// A scan, a case folder, or a case in a data set.
    package var path: String
    package var layout: DatasetLayout?
    /// A label map instead of the case's own.
    package var labels: String?
    /// A second label map, or a folder of predictions that has the case's.
    package var prediction: String?
    /// Empty: all that the scan has.
    package var planes: [AnatomicalPlane] = []
    /// nil: through the labels' middle.
    package var slice: Int?
    /// Empty: all.
    package var contrasts: [String] = []
    /// Pixels along a slice's side in the file.
    package var side = 320
    /// A PNG.
    package var output: String?
    /// How to draw in the terminal; nil: as it can, if there is one.
    package var drawing: ImageProtocol?
    package var threads: Int
    package var force = false

    package init(path: String, threads: Int) { (self.path, self.threads) = (path, threads) }
  }

  /// Throws `FileError`, `ImagingError`, `ViewError`, `ExperimentError.noPrediction` before anything is written or drawn.
  package static func execute(_ request: Request, console: Console) throws {
    try checkOutput(request)
    let terminal = try terminal(request, console: console)
    let slices = try CaseSlices(request)
    if let output = request.output {
      try slices.canvas(side: request.side, gap: SlicePicture.gap).write(to: output)
    }
    if let terminal {
      console.print(
        try slices.text(terminal, drawing: request.drawing ?? terminal.images, side: request.side))
    }
    if console.isJSON { return console.print(slices.json(output: request.output).rendered()) }
    if let output = request.output { console.print(output) }
    for line in slices.legend(terminal?.colours ?? .none) { console.tell(line) }
  }

  /// Throws `FileError.alreadyExists` or `.notWritable`, `ViewError.outputName`.
  private static func checkOutput(_ request: Request) throws {
    guard let output = request.output else { return }
    guard PNG.isNamed(output) else { throw ViewError.outputName(path: output) }
    if Folder.exists(output) { throw FileError.notWritable(path: output, reason: "it is a folder") }
    if FileManager.default.fileExists(atPath: output) && !request.force {
      throw FileError.alreadyExists(path: output)
    }
    try OutputCheck.writable(output)
  }

  /// What is to be drawn in; nil: nothing. Throws `ViewError.nowhereToDraw` where that leaves nothing to do.
  private static func terminal(_ request: Request, console: Console) throws -> TerminalCapabilities? {
    if request.drawing != nil { return .forced(.output) }
    if request.output != nil && (console.isQuiet || console.isJSON) { return nil }
    let terminal = TerminalCapabilities.of(.output, asksForSixels: true)
    if terminal.isTerminal { return terminal }
    if request.output == nil { throw ViewError.nowhereToDraw }
    return nil
  }
}
