import Foundation
import Foundations
import Imaging

/// `segfed inspect --anonymise`: copies of a data set's scans without text in their headers.
package enum Anonymisation {
  package struct Summary: Sendable, Equatable {
    /// Scans and label maps written; a header/image pair is one.
    package let scans: Int
    /// Files without voxels that the layout needs, copied as they are; relative paths.
    package let copied: [String]

    /// What was done, and what was not, in lines.
    package func text(output: String) -> String {
      var lines = [
        "\(output): \(scans) scans without text in their headers, voxels and geometry as they were."
      ]
      if !copied.isEmpty {
        lines.append("Copied as they are, read them for names: \(copied.joined(separator: ", ")).")
      }
      lines.append(
        "File and folder names are not changed, nor is anything that voxels show, such as a face: check both."
      )
      return lines.joined(separator: "\n")
    }
  }

  /// Writes a copy of every scan below `request.data` (of a CSV manifest: those that it lists) under the same relative path.
  ///
  /// A new folder appears with all copies in it or not at all; with `force` copies replace those that are there, each whole. Throws the
  /// modules' described errors, at the first file that cannot be copied, and `StoppedByUser`.
  package static func run(_ request: Inspection.Request) throws -> Summary {
    let survey = try DatasetSurvey(request.data, layout: request.layout)
    let files = try DatasetFiles(request.data, survey: survey)
    let output = URL(fileURLWithPath: request.output).standardizedFileURL.path
    if (output + "/").hasPrefix(files.root + "/") {
      throw InspectionError.outputInside(data: files.root, output: request.output)
    }
    let found = (try? FileManager.default.contentsOfDirectory(atPath: request.output)) ?? []
    if !found.isEmpty && !request.force { throw FileError.alreadyExists(path: request.output) }
    try OutputCheck.writable(request.output + "/scan")
    guard found.isEmpty else { return try copies(of: files, to: request.output, request) }
    let apart = AtomicFile.temporary(for: output)
    defer { try? FileManager.default.removeItem(atPath: apart) }
    let summary = try copies(of: files, to: apart, request)
    try AtomicFile.publish(apart, as: output)
    return summary
  }

  private static func copies(
    of files: DatasetFiles, to output: String, _ request: Inspection.Request
  ) throws -> Summary {
    let progress = ProgressLine("copying", total: files.scans.count, quiet: request.isQuiet)
    defer { progress.finish() }
    _ = try ParallelLoop(threads: request.threads).map(files.scans.count) { index in
      try Interruption.check(
        kept: "\(request.output): not all copies were made; those that are there are whole.")
      let scan = files.scans[index]
      let folder = (output + "/" + scan as NSString).deletingLastPathComponent
      try Folder.make(folder)
      let path = files.root + "/" + scan
      if PNG.isNamed(scan) {
        try PNG.copyWithoutText(path, into: folder)
      } else {
        try NIfTI.copyWithoutText(path, into: folder)
      }
      progress.advance()
    }
    for file in files.others { try copy(file, from: files.root, to: output) }
    return Summary(scans: files.scans.count, copied: files.others)
  }

  private static func copy(_ file: String, from root: String, to output: String) throws {
    let path = root + "/" + file
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw FileError.unreadable(path: path, reason: "reading stopped")
    }
    try Folder.make((output + "/" + file as NSString).deletingLastPathComponent)
    try AtomicFile.write(bytes, to: output + "/" + file)
  }
}
