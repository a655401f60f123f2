/// What harmonising a data set came to, by site.
package struct HarmonizationReport: Sendable, Equatable {
  package static let schemaVersion = 1

  package let sites: [HarmonizationRow]
  /// The settings in a line.
  package let settings: String
  /// Target spacing in mm along x, y, z; nil where grids were kept.
  package let spacing: [Double]?
  /// Bytes of the messages by which an atlas was agreed on; empty where none was.
  package let traffic: [AtlasTraffic]
  package let skipped: [SkippedCount]

  package init(
    sites: [HarmonizationRow], settings: String, spacing: [Double]?, traffic: [AtlasTraffic],
    skipped: [SkippedCount]
  ) {
    self.sites = sites
    self.settings = settings
    self.spacing = spacing
    self.traffic = traffic
    self.skipped = skipped
  }

  package func text() -> String {
    var table = TextTable(
      columns: [.text("site"), .number("cases"), .number("harmonised MB"), .number("seconds a case")])
    for row in sites {
      table.add([
        row.site, "\(row.cases)", NumberText.megabytes(row.bytes),
        row.cases == 0 ? "–" : NumberText.fixed(row.seconds / Double(row.cases), decimals: 3),
      ])
    }
    var lines = [table.rendered() + settings]
    if !traffic.isEmpty {
      let down = traffic.reduce(0) { $0 + $1.down }
      let up = traffic.reduce(0) { $0 + $1.up }
      lines.append(
        "The atlas was agreed on with \(up) bytes from the sites and \(down) bytes to them; no scan left a site."
      )
    }
    if let left = skipped.text { lines.append(left) }
    return lines.joined(separator: "\n") + "\n"
  }

  package func json() -> JSONValue {
    .object([
      ("schema_version", .integer(Self.schemaVersion)), ("settings", .string(settings)),
      ("spacing", spacing.map { .array($0.map { .number($0) }) } ?? .null),
      (
        "sites",
        .object(
          sites.map { row in
            (
              row.site,
              .object([
                ("cases", .integer(row.cases)), ("bytes", .integer(row.bytes)),
                ("seconds", .number(row.seconds)),
              ])
            )
          })
      ),
      (
        "atlas_traffic",
        .object(
          traffic.map { row in
            (row.site, .object([("down_bytes", .integer(row.down)), ("up_bytes", .integer(row.up))]))
          })
      ),
      ("skipped_cases", .object(skipped.map { ($0.site, .integer($0.cases)) })),
    ])
  }
}

/// One site's harmonised cases.
package struct HarmonizationRow: Sendable, Equatable {
  package let site: String
  package let cases: Int
  /// Of all harmonised arrays.
  package let bytes: Int
  package let seconds: Double

  package init(site: String, cases: Int, bytes: Int, seconds: Double) {
    (self.site, self.cases, self.bytes, self.seconds) = (site, cases, bytes, seconds)
  }
}

/// Bytes that agreeing on an atlas took at one site.
package struct AtlasTraffic: Sendable, Equatable {
  package let site: String
  package let down: Int
  package let up: Int

  package init(site: String, down: Int, up: Int) {
    (self.site, self.down, self.up) = (site, down, up)
  }
}
