import Foundation
import Foundations
import Imaging
import Study
import Training

/// `segfed study init`: a study's file, commented, from data as it lies.
package enum StudyStart {
  package struct Request: Sendable {
    package var data: String
    package var layout: DatasetLayout?
    /// nil: the built-in plan that fits the data.
    package var plan: String?
    package var output: String
    package var threads: Int
    package var force = false

    package init(data: String, output: String, threads: Int) {
      (self.data, self.output, self.threads) = (data, output, threads)
    }
  }

  /// Reads headers and label maps, and writes the file. Throws what discovery and plan do, `FileError.alreadyExists`.
  package static func execute(_ request: Request, console: Console) throws {
    if !request.force && FileManager.default.fileExists(atPath: request.output) {
      throw FileError.alreadyExists(path: request.output)
    }
    try OutputCheck.writable(request.output)
    let loop = ParallelLoop(threads: request.threads)
    // Cases that would stop training are for the study's check.
    let skipped = SkippedCases(allowed: true)
    let found = try DatasetFolder.discover(
      request.data, layout: request.layout, requireLabels: true, skipping: skipped)
    console.tell(found.summary(path: request.data))
    let (plan, _) = try PlanResolution(file: request.plan).plan(for: found, skipping: skipped, loop: loop)
    let name = FolderNames.last(request.data)
    let sites = try SiteListing.all(request.data, layout: request.layout)
    let columns = try sites.flatMap { try StudyDraft.columns(of: $0, data: request.data) }
    let draft = StudyDraft(
      name: name, plan: plan, planName: request.plan ?? plan.name,
      voxelEdges: try StudyDraft.voxelEdges(found), columns: columns)
    let text = draft.yaml()
    let folder = (request.output as NSString).deletingLastPathComponent
    if !folder.isEmpty { try Folder.make(folder) }
    try AtomicFile.write(text, to: request.output)
    // What it writes, it reads.
    _ = try LockedStudy.draft(request.output)
    console.print(
      "\(request.output): agree on it, try it at every site (segfed study check), then segfed study lock.")
  }
}

private enum FolderNames {
  static func last(_ path: String) -> String {
    let name = (Folder.place(path) as NSString).lastPathComponent
    return (name as NSString).deletingPathExtension
  }
}
