import Foundations
import Metrics
import Reporting

extension CodecFrontier {
  static let shares = [0.9, 0.95, 0.99]

  func text() -> String {
    let hasDistances = rows.contains { $0.hausdorffAdded != nil }
    var columns: [TextTable.Column] = [
      .text("codec"), .number("Dice"), .number("lost"), .number("worst site"),
    ]
    if hasDistances { columns.append(.number("HD95 mm more")) }
    columns += [
      .number("down MB"), .number("up MB"), .number("saves"), .number("of raw"), .number("90 % from"),
      .number("95 %"), .number("99 %"), .text(""),
    ]
    var table = TextTable(columns: columns)
    for row in rows {
      var cells = [
        row.codec, SweepTable.spread(row.dice), SweepTable.spread(row.diceLost), SweepTable.spread(row.worst),
      ]
      if hasDistances { cells.append(row.hausdorffAdded.map { Self.millimetres($0) } ?? "") }
      cells += [
        NumberText.megabytes(Int(row.down)), NumberText.megabytes(Int(row.up)),
        NumberText.saving(wire: Int(row.total), scans: scans.compressed),
        NumberText.saving(wire: Int(row.total), scans: scans.uncompressed),
      ]
      cells += Self.shares.map { share in cases(row, saving: share).map { "\($0)" } ?? "" }
      table.add(cells + [row.isBest ? "◂" : ""])
    }
    return table.rendered() + """
      Mean ± standard deviation over \(seeds) seed\(seeds == 1 ? "" : "s"); lost: Dice against the first row's run of the same seed. Bytes of all messages
      of \(sites) sites, without what encrypting a connection (TLS) adds; the scans of \(scans.cases) cases take \(NumberText.megabytes(scans.compressed)) MB compressed, \(NumberText.megabytes(scans.uncompressed)) MB raw.
      90 % from: with so many cases on a site saves that share of its compressed scans. ◂ no other codec here has as much Dice for fewer bytes.

      """
  }

  private static func millimetres(_ summary: MetricSummary) -> String {
    NumberText.fixed(summary.mean, decimals: 2)
      + (summary.deviation.map { " ± " + NumberText.fixed($0, decimals: 2) } ?? "")
  }

  func csv() -> String {
    var document = CSVDocument(
      columns: [
        "codec", "seeds", "dice", "dice_deviation", "dice_lost", "worst_site_dice", "hd95_mm_more",
        "bytes_down",
        "bytes_up", "scan_bytes_compressed", "scan_bytes_uncompressed", "saving_compressed",
        "saving_uncompressed",
        "cases_90", "cases_95", "cases_99", "frontier",
      ])
    for row in rows {
      let numbers = [
        row.dice.mean, row.dice.deviation, row.diceLost.mean, row.worst.mean, row.hausdorffAdded?.mean,
        row.down,
        row.up,
      ]
      document.add(
        [row.codec, "\(seeds)"] + numbers.map(CSVDocument.field)
          + ["\(scans.compressed)", "\(scans.uncompressed)"]
          + [scans.compressed, scans.uncompressed].map { CSVDocument.field(saving(row, against: $0)) }
          + Self.shares.map { share in cases(row, saving: share).map { "\($0)" } ?? "" } + [
            row.isBest ? "1" : "0"
          ])
    }
    return document.rendered()
  }
}
