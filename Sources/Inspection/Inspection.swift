import Foundation
import Foundations
import Imaging
import Pictures

/// `segfed inspect`: a pre-flight audit of every site.
package enum Inspection {
  package struct Request: Sendable, Equatable {
    package var data: String
    /// nil: the layout that the data looks like.
    package var layout: DatasetLayout?
    package var output: String
    package var threads: Int
    package var force = false
    package var isQuiet = false

    package init(data: String, output: String, threads: Int, isQuiet: Bool = false) {
      self.data = data
      self.output = output
      self.threads = threads
      self.isQuiet = isQuiet
    }
  }

  /// Looks at every case and writes `sites/<name>/cases.csv`, `cases.json` and `slices.png`, and last `inspection.json`.
  ///
  /// In memory are one case a thread, one scan of it at a time, and what was found. Findings are no errors. Throws the
  /// modules' described errors for data that is none or an output that cannot be kept, and `StoppedByUser`.
  @discardableResult
  package static func run(_ request: Request) throws -> InspectionReport {
    let folder = InspectionFolder(path: request.output)
    try folder.checkAvailable(force: request.force)
    try OutputCheck.writable(folder.report)
    let survey = try DatasetSurvey(request.data, layout: request.layout)
    for site in survey.sites where site.name.contains("/") || [".", "..", ""].contains(site.name) {
      throw InspectionError.siteName(name: site.name)
    }
    try folder.prepare()
    var sites = try inspect(survey, request: request, folder: folder)

    // From here on only what sites tell each other: digests, then statistics.
    let key = ContentDigests.newKey()
    let shared = SharedContent.pairs(sites.map { $0.digests(key: key) })
    for index in sites.indices { sites[index].note(shared, key: key) }
    let expectation = CaseExpectation(survey)
    let contrasts = channels(sites, of: expectation.contrasts)
    let labels = labels(sites, named: survey.labels)
    let statistics = sites.map { $0.statistics(contrasts: contrasts, labels: labels.map(\.value)) }
    let report = InspectionReport(
      layout: survey.layout, contrasts: contrasts, labels: labels, sites: statistics, shared: shared)
    for site in sites { try folder.write(site) }
    try AtomicFile.write(report.json().rendered(), to: folder.report)
    return report
  }

  private static func inspect(
    _ survey: DatasetSurvey, request: Request, folder: InspectionFolder
  ) throws -> [SiteInspection] {
    let loop = ParallelLoop(threads: request.threads)
    let expectation = CaseExpectation(survey)
    let progress = ProgressLine(
      "inspecting", total: survey.sites.reduce(0) { $0 + $1.cases.count }, quiet: request.isQuiet)
    defer { progress.finish() }
    return try survey.sites.map { site in
      let shown = SlicePicture.chosen(of: site.cases.count)
      let cases = try loop.map(site.cases.count) { index in
        try Interruption.check(kept: "\(request.output) holds no inspection.json: the audit is not complete.")
        let result = CaseInspector.inspect(
          site.cases[index], expectation: expectation, slices: shown.contains(index))
        progress.advance(note: site.name)
        return result
      }
      let rows = cases.compactMap(\.1)
      if !rows.isEmpty { try SlicePicture.write(rows, to: folder.folder(of: site.name) + "/slices.png") }
      return SiteInspection(
        name: site.name, cases: cases.map(\.0),
        findings: site.faults.map { Finding(.listing, $0.description) })
    }
  }

  /// The contrasts as they are once loaded: a PNG in colour gives three.
  private static func channels(_ sites: [SiteInspection], of contrasts: [String]) -> [String] {
    let loaded = Set(sites.flatMap(\.cases).flatMap(\.scans).map(\.contrast))
    return contrasts.flatMap { name in
      loaded.contains(name)
        ? [name] : ["r", "g", "b"].map { "\(name).\($0)" }.filter(loaded.contains)
    }
  }

  /// Values that occur anywhere, with the data set's names; without a name where it has none.
  private static func labels(_ sites: [SiteInspection], named names: [LabelName]) -> [LabelName] {
    let values = Set(sites.flatMap(\.cases).flatMap { $0.labels ?? [] }.map(\.value))
    return values.union(names.map(\.value)).sorted().map { value in
      names.first { $0.value == value } ?? LabelName(value: value, name: "")
    }
  }
}
