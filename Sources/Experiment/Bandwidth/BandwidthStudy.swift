import Foundations
import Reporting

/// `segfed bandwidth`: a grid of codecs, and what each costs in Dice and saves in bytes.
package struct BandwidthStudy: Sendable {
  /// What is tried where the grid names none: nothing, then less and less.
  package static let codecs = [
    "fp32", "fp32+entropy", "delta+bf16+entropy", "delta+int8+entropy", "delta+int4+entropy",
    "delta+dct+uniform:step=1.8+entropy", "delta+topk:fraction=0.1+int4+entropy",
  ]

  private let sweep: Sweep
  private let file: SweepFile
  private let sizes: [String: ScanSizes]?
  private let scansPath: String?
  private let output: String
  private let console: Console

  /// `scans` is a table of what scans take elsewhere, by site; nil: those that are trained on.
  ///
  /// Throws `BandwidthError`, `SweepError`, and what reading the table throws.
  package init(
    _ path: String, scans scansPath: String?, output: String, threads: Int, force: Bool, console: Console
  ) throws {
    var file = try SweepFile.read(path)
    let axis = SweepAxis.codec.rawValue
    guard file.grid.keys.allSatisfy({ $0 == axis }) else { throw BandwidthError.grid(path: path) }
    if file.grid[axis] == nil { file.grid[axis] = Self.codecs }
    self.file = file
    self.scansPath = scansPath
    sizes = try scansPath.map { try ScanSizes.read($0) }
    sweep = try Sweep(
      file, output: output, threads: threads, keepsRuns: false, force: force, console: console)
    self.output = output
    self.console = console
  }

  /// Runs what is not finished, prints the table and writes it as `bandwidth.csv`. Throws what a run throws, `BandwidthError.sites`.
  package func execute() async throws {
    let results = try await sweep.finish()
    let groups = (file.grid[SweepAxis.codec.rawValue] ?? []).map { codec in
      (codec, results.filter { $0.cell.values[SweepAxis.codec.rawValue] == codec && $0.failure == nil })
    }
    let frontier = CodecFrontier(groups.filter { !$0.1.isEmpty }, scans: try total(results))
    try AtomicFile.write(frontier.csv(), to: output + "/bandwidth.csv")
    console.print(frontier.text())
  }

  private func total(_ results: [SweepResult]) throws -> ScanSizes? {
    guard let sizes, let scansPath, let traffic = results.first?.traffic else { return nil }
    let names = traffic.map(\.site).sorted()
    guard sizes.keys.sorted() == names else {
      throw BandwidthError.sites(
        path: scansPath, found: sizes.keys.sorted().joined(separator: ", "),
        expected: names.joined(separator: ", "))
    }
    return ScanSizes.sum(sizes.values)
  }
}
