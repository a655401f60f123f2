import Foundation
import Foundations
import Imaging
import Reporting

/// `segfed explain --input`: heat maps of single cases, and what each contrast does for the prediction.
package enum HeatMaps {
  package struct Request: Sendable, Equatable {
    /// A model file or run folder; after a local run each site is seen with its own model.
    package var model: String
    /// A scan, a case folder, or a folder of cases or sites.
    package var input: String
    package var output: String
    /// nil: the layout that a folder looks like.
    package var layout: DatasetLayout?
    /// Labels or regions; empty: the plan's regions.
    package var labels: [String] = []
    /// nil: the coarsest.
    package var stage: String?
    package var threads: Int
    package var force = false

    package init(model: String, input: String, output: String, threads: Int) {
      self.model = model
      self.input = input
      self.output = output
      self.threads = threads
    }
  }

  /// Writes for each case and label `<case>_<label>_heat.nii.gz` (`.png` of a picture) in the scan's own grid and
  /// `<case>_<label>_overlay.png`, and for each case `<case>_occlusion.csv`; returns the files.
  ///
  /// Models, labels, headers and outputs are checked before a case is read. Throws the modules' described errors, and
  /// `StoppedByUser`; what was written before is whole.
  @discardableResult
  package static func execute(_ request: Request, console: Console) throws -> [String] {
    let jobs = try HeatJob.all(request)
    guard !jobs.isEmpty else { throw ExperimentError.nothingToPredict(path: request.input) }
    for job in jobs { try job.check(force: request.force) }
    let loop = ParallelLoop(threads: request.threads)
    let progress = console.progress("explaining", total: jobs.count)
    defer { progress.finish() }
    var written: [String] = []
    var tables: [JSONValue] = []
    for (index, job) in jobs.enumerated() {
      func check() throws {
        try Interruption.check(kept: "\(index) of \(jobs.count) cases are explained, and their files whole.")
      }
      let result = try job.run(loop: loop, check: check)
      written += result.files
      tables.append(
        .object([("case", .string(job.files.name)), ("occlusion", result.occlusion.json())]))
      progress.clear()
      if !console.isJSON {
        for path in result.files { console.print(path) }
        console.print(result.occlusion.text())
        for name in result.empty {
          console.print("\(job.files.name): no voxel is predicted as \(name), so its map is 0 everywhere.")
        }
      }
      progress.advance(note: job.files.name)
    }
    progress.finish()
    if console.isJSON {
      console.print(
        JSONValue.object([
          ("files", .array(written.map { .string($0) })), ("cases", .array(tables)),
        ]).rendered())
    }
    return written
  }
}
