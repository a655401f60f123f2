/// What the wire carried, beside what the scans weigh.
package struct BandwidthReport: Sendable, Equatable {
  package let sites: [BandwidthRow]

  package init(sites: [BandwidthRow]) {
    self.sites = sites
  }

  /// The sum over all sites.
  package var total: BandwidthRow { BandwidthRow.sum(sites) }

  /// The table in MB (10⁶ bytes), the savings, and a plain sentence on who wins.
  package func text() -> String {
    var table = TextTable(
      columns: [
        .text("site"), .number("down MB"), .number("up MB"), .number("total MB"),
        .number("scans on disk MB"), .number("saving"), .number("uncompressed MB"), .number("saving"),
      ])
    for site in sites { table.add(cells(site)) }
    table.addRule()
    table.add(cells(total))
    return table.rendered() + "Bytes of all messages; 1 MB = 1,000,000 bytes. \(verdict)\n"
  }

  private func cells(_ row: BandwidthRow) -> [String] {
    [
      row.site, NumberText.megabytes(row.down), NumberText.megabytes(row.up),
      NumberText.megabytes(row.total), NumberText.megabytes(row.scansCompressed),
      NumberText.saving(wire: row.total, scans: row.scansCompressed),
      NumberText.megabytes(row.scansUncompressed),
      NumberText.saving(wire: row.total, scans: row.scansUncompressed),
    ]
  }

  private var verdict: String {
    let total = total
    guard total.scansCompressed > 0 else { return "The scans' size is not known." }
    let ratio = Double(total.total) / Double(total.scansCompressed)
    if ratio > 1 {
      return "The wire carried \(NumberText.fixed(ratio, decimals: ratio < 1.95 ? 2 : 1))× the bytes of the "
        + "compressed scans: for data this small, federation costs bandwidth."
    }
    return
      "The wire carried \(NumberText.fixed(100 * ratio, decimals: 1)) % of the bytes of the compressed scans."
  }

  /// The `bandwidth` object of `metrics.json`.
  package func json() -> JSONValue {
    let total = total
    return .object(
      Self.members(total) + [
        ("sites", .object(sites.map { ($0.site, .object(Self.members($0))) }))
      ])
  }

  private static func members(_ row: BandwidthRow) -> [(String, JSONValue)] {
    [
      ("down_bytes", .integer(row.down)), ("up_bytes", .integer(row.up)),
      ("total_bytes", .integer(row.total)), ("scan_bytes_compressed", .integer(row.scansCompressed)),
      ("scan_bytes_uncompressed", .integer(row.scansUncompressed)),
      (
        "saving_compressed",
        .number(NumberText.savingFraction(wire: row.total, scans: row.scansCompressed))
      ),
      (
        "saving_uncompressed",
        .number(NumberText.savingFraction(wire: row.total, scans: row.scansUncompressed))
      ),
    ]
  }
}
