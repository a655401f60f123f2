import Coordinator
import Foundation
import Foundations
import Metrics

/// What one run of a grid came to; a line of `results.jsonl`.
struct SweepResult: Sendable, Codable {
  struct Site: Sendable, Codable {
    let site: String
    let cases: Int
    /// Mean Dice by region, over the site's cases; a region without any is missing.
    let dice: [String: Double]
    /// Mean HD95 in mm by region; nil where it was not asked for.
    var hausdorff95: [String: Double]?

    enum CodingKeys: String, CodingKey {
      case site, cases, dice
      case hausdorff95 = "hd95_mm"
    }

    var meanHausdorff95: Double? {
      hausdorff95.flatMap { MetricSummary($0.sorted { $0.key < $1.key }.map(\.value)).mean }
    }

    var mean: Double? { MetricSummary(dice.sorted { $0.key < $1.key }.map(\.value)).mean }
  }

  /// What one site exchanged, beside its scans; bytes.
  struct Traffic: Sendable, Codable {
    let site: String
    let cases: Int
    let bytes: Int
    let scansCompressed: Int
    let scansUncompressed: Int

    enum CodingKeys: String, CodingKey {
      case site, cases, bytes
      case scansCompressed = "scan_bytes_compressed"
      case scansUncompressed = "scan_bytes_uncompressed"
    }
  }

  var schemaVersion = SweepFile.schemaVersion
  let cell: SweepCell
  let rounds: Int
  /// Of all sites.
  let steps: Int
  /// Of the training run, scans read and all.
  let seconds: Double
  let bytesDown: Int
  let bytesUp: Int
  let sites: [Site]
  /// The same cases with a backdoor's trigger; nil where the attack builds in none.
  let triggered: [Site]?
  /// Sites that were made hostile.
  let hostile: [String]
  /// In how many rounds each site's update was looked at for that.
  let judged: [String: Int]?
  /// In how many rounds each site's update was suspected; those never suspected are missing.
  let suspected: [String: Int]
  /// Updates that were left out of rounds.
  let leftOut: Int
  /// SHA-256 of the last model.
  let modelDigest: String
  /// SHA-256 over the training data's cases; nil in results of earlier releases.
  var dataDigest: String?
  /// nil in results of earlier releases.
  var traffic: [Traffic]?
  /// Why the run did not come to its end; it has no scores then.
  var failure: String?

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case cell, rounds, steps, seconds
    case bytesDown = "bytes_down"
    case bytesUp = "bytes_up"
    case sites, triggered, hostile, judged, suspected, failure
    case leftOut = "left_out"
    case modelDigest = "model_sha256"
    case dataDigest = "data_sha256"
    case traffic
  }

  func isOfOtherData(_ other: SweepResult) -> Bool {
    guard let dataDigest, let theirs = other.dataDigest else { return false }
    return dataDigest != theirs
  }

  /// Whether its numbers can be what a run came to.
  var isPlausible: Bool {
    let counts =
      [rounds, steps, bytesDown, bytesUp, leftOut] + suspected.values + (judged ?? [:]).values
      + (sites + (triggered ?? [])).map(\.cases)
      + (traffic ?? []).flatMap { [$0.cases, $0.bytes, $0.scansCompressed, $0.scansUncompressed] }
    let dice = (sites + (triggered ?? [])).flatMap(\.dice.values)
    return schemaVersion == SweepFile.schemaVersion && seconds >= 0
      && counts.allSatisfy { (0...Self.largestCount).contains($0) }
      && dice.allSatisfy { (0...1).contains($0) }
  }

  /// Sums of as many as there are runs do not overflow.
  private static let largestCount = 1 << 53

  private var honest: [Site] { sites.filter { !hostile.contains($0.site) } }
  /// Mean over the honest sites.
  var mean: Double? { Self.mean(honest) }
  /// The same with a backdoor's trigger.
  var triggeredMean: Double? { triggered.flatMap { Self.mean($0.filter { !hostile.contains($0.site) }) } }

  private static func mean(_ sites: [Site]) -> Double? { MetricSummary(sites.compactMap(\.mean)).mean }

  /// The honest site with the least mean; the first by name of equals.
  var worst: (site: String, mean: Double)? {
    honest.compactMap { site in site.mean.map { (site.site, $0) } }.min { $0.1 < $1.1 }
  }
  /// What the honest site that loses most against a run without attack has lost there.
  func mostLost(against other: SweepResult) -> Double? {
    honest.compactMap { site in
      guard let own = site.mean, let before = other.sites.first(where: { $0.site == site.site })?.mean else {
        return nil
      }
      return before - own
    }.max()
  }
  /// By how much the worst honest site's mean is below that of the worst of the same sites in a run without attack.
  func worstLost(against other: SweepResult) -> Double? {
    let names = honest.map(\.site)
    let before = other.sites.filter { names.contains($0.site) }.compactMap(\.mean).min()
    return before.flatMap { before in worst.map { before - $0.mean } }
  }
  /// Sites that were suspected in half or more of the rounds that they were in.
  var named: [String] {
    suspected.filter { Suspicions.isNamed(suspected: $0.value, judged: judged?[$0.key] ?? rounds) }.keys
      .sorted()
  }
}

extension SweepResult {
  /// A run that did not come to its end.
  init(cell: SweepCell, failure: String) {
    self.init(
      cell: cell, rounds: 0, steps: 0, seconds: 0, bytesDown: 0, bytesUp: 0, sites: [], triggered: nil,
      hostile: [],
      judged: nil, suspected: [:], leftOut: 0, modelDigest: "", failure: failure)
  }
}

/// A sweep's results on disk: one line a finished run, only ever appended, each synced.
struct SweepResults {
  let path: String

  /// The results that are there; a last line that was cut off is taken away. Throws `FileError`, `SweepError.damaged`.
  func read() throws -> [SweepResult] {
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    let newline = UInt8(ascii: "\n")
    let whole = data.lastIndex(of: newline).map { data.prefix($0 + 1) } ?? Data()
    if whole.count < data.count { try DurableFile.truncate(path, to: whole.count) }
    return try whole.split(separator: newline).enumerated().map { index, line in
      guard let result = try? JSONDecoder().decode(SweepResult.self, from: Data(line)), result.isPlausible
      else {
        throw SweepError.damaged(path: path, line: index + 1)
      }
      return result
    }
  }

  /// Throws `FileError.notWritable`.
  func append(_ result: SweepResult) throws {
    if !FileManager.default.fileExists(atPath: path) { try DurableFile.write(Data(), to: path) }
    try DurableFile.append(try line(result), to: path)
  }

  /// Replaces what is there, if that is anything. Throws `FileError.notWritable`.
  func write(_ results: [SweepResult]) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    try AtomicFile.write(try results.reduce(into: Data()) { $0 += try line($1) }, to: path)
  }

  private func line(_ result: SweepResult) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let line = try? encoder.encode(result) else {
      throw FileError.notWritable(path: path, reason: "a number that is not finite")
    }
    return line + Data("\n".utf8)
  }
}
