import Foundations
import Metrics

/// Codecs by what they cost in Dice and save in bytes, against the first of them.
struct CodecFrontier: Sendable {
  struct Row: Sendable {
    let codec: String
    /// Each over the seeds.
    let dice: MetricSummary
    let worst: MetricSummary
    /// Against the first codec's run of the same seed.
    let diceLost: MetricSummary
    /// In mm; nil where it was not asked for.
    let hausdorffAdded: MetricSummary?
    /// Bytes of all messages of a run, the mean over seeds.
    let down: Double
    let up: Double
    /// No other codec has as much Dice for fewer bytes.
    var isBest = false

    var total: Double { down + up }

    /// As much Dice and as few bytes, and more or fewer.
    fileprivate func isBetter(than other: Row) -> Bool {
      guard let own = dice.mean else { return false }
      guard let theirs = other.dice.mean else { return true }
      return own >= theirs && total <= other.total && (own > theirs || total < other.total)
    }
  }

  let rows: [Row]
  let seeds: Int
  let sites: Int
  /// Of all sites.
  let scans: ScanSizes

  /// `groups` are the runs of each codec; `scans` instead of those that the runs tell of.
  init(_ groups: [(codec: String, runs: [SweepResult])], scans: ScanSizes?) {
    let references = groups.first?.runs ?? []
    let rows = groups.map { Self.row($0.codec, $0.runs, references) }
    self.rows = rows.map { row in
      var row = row
      row.isBest = !rows.contains { $0.isBetter(than: row) }
      return row
    }
    seeds = groups.map(\.runs.count).max() ?? 0
    let traffic = references.first?.traffic ?? []
    sites = traffic.count
    self.scans =
      scans
      ?? ScanSizes.sum(
        traffic.map {
          ScanSizes(cases: $0.cases, compressed: $0.scansCompressed, uncompressed: $0.scansUncompressed)
        })
  }

  private static func row(_ codec: String, _ runs: [SweepResult], _ references: [SweepResult]) -> Row {
    func lost(_ value: (SweepResult) -> Double?) -> [Double] {
      runs.compactMap { run in
        guard let reference = references.first(where: { $0.cell.seed == run.cell.seed }) else { return nil }
        return value(reference).flatMap { before in value(run).map { before - $0 } }
      }
    }
    let distances = lost(\.meanHausdorff95).map { -$0 }
    func mean(_ values: [Int]) -> Double { Double(values.reduce(0, +)) / Double(max(1, values.count)) }
    return Row(
      codec: codec, dice: MetricSummary(runs.compactMap(\.mean)),
      worst: MetricSummary(runs.compactMap(\.worst?.mean)), diceLost: MetricSummary(lost(\.mean)),
      hausdorffAdded: distances.isEmpty ? nil : MetricSummary(distances), down: mean(runs.map(\.bytesDown)),
      up: mean(runs.map(\.bytesUp)))
  }

  /// The share of the scans' bytes that is saved; below 0 where messages take more. nil where the scans take nothing.
  func saving(_ row: Row, against bytes: Int) -> Double? {
    bytes > 0 ? 1 - row.total / Double(bytes) : nil
  }

  /// From how many cases on a site saves a share of its compressed scans: what it exchanges does not grow with them.
  func cases(_ row: Row, saving share: Double) -> Int? {
    guard scans.cases > 0, scans.compressed > 0, sites > 0 else { return nil }
    let (site, scan) = (row.total / Double(sites), Double(scans.compressed) / Double(scans.cases))
    let needed = (site / (scan * (1 - share))).rounded(.up)
    return needed < 1e15 ? Int(needed) : nil
  }
}

extension SweepResult {
  /// Mean HD95 in mm over sites and regions.
  var meanHausdorff95: Double? { MetricSummary(sites.compactMap(\.meanHausdorff95)).mean }
}
