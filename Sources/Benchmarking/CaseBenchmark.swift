import Foundations
import Harmonization
import Imaging
import Reporting
import Training

/// What reading and harmonising a case takes: its files once and again, nothing kept between.
package struct CaseBenchmark {
  package struct Row: Sendable {
    package let name: String
    /// Voxels along x, y, z before and after.
    package let size: SIMD3<Int>
    package let harmonizedSize: SIMD3<Int>
    package let times: TimeSamples
    /// Bytes at the peak; nil where the system does not tell.
    package let peakMemory: Int?
  }

  private let settings: BenchmarkSettings

  package init(_ settings: BenchmarkSettings) {
    self.settings = settings
  }

  /// Times the first case of each site below `path` under a plan's harmonisation.
  ///
  /// `spacing` in mm along x, y, z; nil keeps each scan's. Throws what discovery, plan and cases throw, and `StoppedByUser`.
  package func run(_ path: String, spacing: [Double]?, choice: HarmonizationChoice) throws -> CaseReport {
    let data = try DatasetFolder.discover(path, requireLabels: false)
    let cases = data.sites.compactMap { $0.cases.first }
    let sample = DatasetFolder(
      sites: data.sites.map { SiteFolder(name: $0.name, path: $0.path, cases: Array($0.cases.prefix(1))) },
      layout: data.layout, labels: data.labels, regions: data.regions)
    let fingerprint = try DataFingerprint.of(sample, loop: settings.loop).labelled
    var file = BuiltInPlans.fitting(fingerprint)
    file.harmonisation = choice
    var plan = try file.resolved(for: fingerprint, file: "built-in plan \(file.name)")
    plan.spacing = spacing
    let progress = ProgressLine("timing", total: cases.count, quiet: settings.isQuiet)
    defer { progress.finish() }
    let rows = try cases.map { files in
      defer { progress.advance(note: files.name) }
      return try measure(files, plan)
    }
    return CaseReport(settings: settings, harmonisation: plan.harmonisation, spacing: spacing, rows: rows)
  }

  private func measure(_ files: CaseFiles, _ plan: TrainingPlan) throws -> Row {
    var last: PreparedCase?
    func once() throws {
      try settings.checkInterruption()
      last = nil
      last = try PreparedCase(files, plan: plan, needsLabels: false, loop: settings.loop)
    }
    _ = PeakMemory.reset()
    for _ in 0..<(settings.warmup ?? 2) { try once() }
    var times = TimeSamples()
    for _ in 0..<(settings.repetitions ?? 10) { try times.time(once) }
    guard let last else { preconditionFailure("a case is read at least once") }
    return Row(
      name: files.name, size: last.harmonized.restoration.geometry.size, harmonizedSize: last.harmonized.size,
      times: times, peakMemory: PeakMemory.bytes)
  }
}

/// Reading and harmonising, as a table or JSON.
package struct CaseReport: Sendable {
  package let settings: BenchmarkSettings
  package let harmonisation: HarmonizationSettings
  package let spacing: [Double]?
  package let rows: [CaseBenchmark.Row]

  private static func text(_ size: SIMD3<Int>) -> String { "\(size.x)×\(size.y)×\(size.z)" }

  package func text() -> String {
    var table = TextTable(columns: [
      .text("case"), .text("voxels"), .text("harmonised"), .number("ms"), .number("least"), .number("CPU ms"),
      .number("peak MB"),
    ])
    for row in rows {
      table.add([
        row.name, Self.text(row.size), Self.text(row.harmonizedSize),
        NumberText.fixed(row.times.wallMedian, decimals: 1),
        NumberText.fixed(row.times.wallMinimum, decimals: 1),
        NumberText.fixed(row.times.processorMedian, decimals: 1),
        row.peakMemory.map { NumberText.megabytes($0) } ?? "–",
      ])
    }
    let target = spacing.map { "\($0[0])×\($0[1])×\($0[2]) mm" } ?? "each scan's spacing"
    return settings.summary + "\n" + table.rendered()
      + "Medians of \(rows.first?.times.wall.count ?? 0) readings from disk, one case at a time; to \(target), \(harmonisation.summary).\n"
  }

  package func json() -> JSONValue {
    .object(
      settings.members + [
        (
          "cases",
          .array(
            rows.map { row in
              .object([
                ("case", .string(row.name)), ("size", .string(Self.text(row.size))),
                ("harmonised_size", .string(Self.text(row.harmonizedSize))), ("time", row.times.json),
                ("peak_bytes", row.peakMemory.map { .integer($0) } ?? .null),
              ])
            })
        )
      ])
  }
}
