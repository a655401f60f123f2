import Experiment
import Foundation
import Foundations
import Pages

/// The report of runs that may go on still: made anew when their folders have changed. It writes nothing there.
package actor LiveReport {
  package struct Snapshot: Sendable {
    package let html: String
    /// SHA-256 of the page.
    package let version: String
    /// Why the page is older than the folders, where it is.
    package var problem: String?
  }

  private let request: ReportWriting.Request
  private var stamps: [FolderStamp]
  private var looked = ContinuousClock.now
  private var snapshot: Snapshot
  /// Of a single run: taken once, while the first page is shown without.
  private var look: DataLook?

  /// Reads the runs. Throws what `segfed report` does.
  package init(_ request: ReportWriting.Request) throws {
    self.request = request
    stamps = request.runs.map { FolderStamp($0) }
    snapshot = try Self.snapshot(request, look: nil)
  }

  /// The page as the folders have it now, or had it less than a second ago.
  package func current() -> Snapshot {
    guard ContinuousClock.now - looked >= .milliseconds(900) else { return snapshot }
    let found = request.runs.map { FolderStamp($0) }
    if found != stamps { renew(found) }
    looked = .now
    return snapshot
  }

  /// Looks at the scans of a single run, on one thread: its training goes before. Takes the longer the larger they are.
  package func lookAtData() async {
    guard request.looksAtData, request.runs.count == 1, case .run(let run)? = try? Record(request.runs[0])
    else { return }
    let data = request.data
    look = await Task.detached(priority: .background) {
      DataLook(run, data: data, threads: 1, console: Console(isQuiet: true, isJSON: false) { _ in })
    }.value
    if look != nil { renew(stamps) }
  }

  /// A folder that cannot be read in this moment leaves the page as it was.
  private func renew(_ found: [FolderStamp]) {
    do {
      snapshot = try Self.snapshot(request, look: look)
      stamps = found
    } catch let error as any DescribedError {
      snapshot.problem = error.description
    } catch {
      snapshot.problem = (error as NSError).localizedDescription
    }
  }

  private static func snapshot(_ request: ReportWriting.Request, look: DataLook?) throws -> Snapshot {
    let page = try RunReport.page(request.runs.map { try Record($0) }) { _ in look }
    let html = PageWriter().html(page.live)
    return Snapshot(html: html, version: Digest.sha256Hex(Data(html.utf8)))
  }
}
