import Foundation
import Foundations

/// `metrics.json` as it was written: what a report shows of scores and bytes, number for number.
struct RecordedMetrics: Decodable {
  static let newest = 1

  /// A metric over cases; numbers are nil where there is none or it is not finite.
  struct Statistic: Decodable {
    let cases: Int
    let undefined: Int
    let infinite: Int
    let mean: Double?
    let median: Double?
    let deviation: Double?
  }

  struct Region: Decodable {
    let overCases: [Double]?
    let overSites: [Double]?
    let worstSite: String
    let worst: Double
    let worstDecile: Double
    let range: Double
    let deviation: Double
    let gini: Double?

    private enum CodingKeys: String, CodingKey {
      case overCases = "interval_over_cases"
      case overSites = "interval_over_sites"
      case worstSite = "worst_site"
      case worst
      case worstDecile = "worst_decile"
      case range, deviation, gini
    }
  }

  struct Overall: Decodable {
    let cases: Int
    let dice: [String: Double?]
    let overSites: [String: Double?]
    /// By region, then by metric.
    let metrics: [String: [String: Statistic]]?
    let statistics: [String: Region]?

    private enum CodingKeys: String, CodingKey {
      case cases, dice
      case overSites = "dice_by_site_mean"
      case metrics, statistics
    }
  }

  struct Site: Decodable {
    let cases: Int
    let steps: Int?
    let dice: [String: Double?]
    let metrics: [String: [String: Statistic]]?
  }

  struct Traffic: Decodable {
    let down: Int
    let up: Int
    let total: Int
    let compressed: Int
    let uncompressed: Int

    private enum CodingKeys: String, CodingKey {
      case down = "down_bytes"
      case up = "up_bytes"
      case total = "total_bytes"
      case compressed = "scan_bytes_compressed"
      case uncompressed = "scan_bytes_uncompressed"
    }
  }

  struct Bandwidth: Decodable {
    let all: Traffic
    let sites: [String: Traffic]

    init(from decoder: any Decoder) throws {
      all = try Traffic(from: decoder)
      enum Keys: String, CodingKey { case sites }
      sites = try decoder.container(keyedBy: Keys.self).decode([String: Traffic].self, forKey: .sites)
    }
  }

  struct Notice: Decodable {
    let rounds: [Int]
    let reason: String
  }

  let schemaVersion: Int
  let mode: String
  let model: String
  let diceConvention: String
  let rules: String?
  let study: String?
  let overall: Overall
  let sites: [String: Site]
  let worstSite: String?
  let skipped: [String: Int]
  let leftOut: [String: Notice]
  let suspected: [String: Notice]
  let excluded: [String: Notice]
  let untested: [String: Notice]
  let bandwidth: Bandwidth?

  private enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case mode, model
    case diceConvention = "dice_convention"
    case rules = "metric_rules"
    case study = "study_sha256"
    case overall, sites
    case worstSite = "worst_site"
    case skipped = "skipped_cases"
    case leftOut = "left_out"
    case suspected, excluded
    case untested = "not_tested"
    case bandwidth
  }

  /// nil where there is none yet. Throws `FileError.unreadable`, `ReportError.newer`.
  static func read(_ path: String) throws -> RecordedMetrics? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    struct Version: Decodable {
      let schemaVersion: Int
      enum CodingKeys: String, CodingKey { case schemaVersion = "schema_version" }
    }
    guard let version = try? JSONDecoder().decode(Version.self, from: data) else {
      throw FileError.unreadable(path: path, reason: "it is no whole JSON document")
    }
    guard version.schemaVersion <= newest else {
      throw ReportError.newer(path: path, found: version.schemaVersion, expected: newest)
    }
    guard let metrics = try? JSONDecoder().decode(RecordedMetrics.self, from: data) else {
      throw FileError.unreadable(path: path, reason: "not the metrics of a run")
    }
    return metrics
  }

  /// Regions in the order of `known`, then the rest by name.
  func regions(inOrderOf known: [String]) -> [String] {
    known.filter { overall.dice.keys.contains($0) }
      + overall.dice.keys.filter { !known.contains($0) }.sorted()
  }

  /// Sites by name.
  var siteNames: [String] { sites.keys.sorted() }
}
