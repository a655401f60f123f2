import Foundation
import TestSupport
import Testing

/// `segfed bandwidth`: codecs by Dice and bytes.
struct BandwidthTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: try TinySites.shared.get().data, toPath: folder.file("data"))
    _ = try folder.write(Data(TinySites.planText(rounds: 2).utf8), "plan.yaml")
  }

  private func write(_ grid: String) throws -> String {
    let text = """
      schema_version: 1
      data: data
      distances: true
      plan: \(folder.file("plan.yaml"))
      seeds: [1, 2]
      grid: \(grid)

      """
    return try folder.write(Data(text.utf8), "codecs.yaml")
  }

  private func bandwidth(_ grid: String, _ more: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess(
      ["bandwidth", try write(grid), "--output", folder.file("out"), "--threads", "2", "--quiet"] + more
    ).wait(seconds: 120)
  }

  private struct Result: Decodable {
    struct Cell: Decodable {
      let values: [String: String]
      let seed: Int
    }

    struct Site: Decodable {
      let dice: [String: Double]
      let hd95Mm: [String: Double]
    }

    struct Traffic: Decodable {
      let cases: Int
      let bytes: Int
      let scanBytesCompressed: Int
    }

    let cell: Cell
    let sites: [Site]
    let traffic: [Traffic]
    let bytesDown: Int
    let bytesUp: Int

    var dice: Double { mean(sites.map { mean(Array($0.dice.values)) }) }
  }

  private func rows() throws -> [[String: String]] {
    let text = try String(contentsOfFile: folder.file("out/bandwidth.csv"), encoding: .utf8)
    let lines = text.split(whereSeparator: \.isNewline).map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
  }

  private func number(_ text: String?) throws -> Double { try #require(text.flatMap { Double($0) }) }

  @Test func theTableIsThatOfTheRuns() throws {
    let outcome = try bandwidth("{codec: [fp32, delta+int8+entropy]}")
    try #require(outcome.code == 0, "\(outcome.errors)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let results = try String(contentsOfFile: folder.file("out/results.jsonl"), encoding: .utf8)
      .split(separator: "\n").map { try decoder.decode(Result.self, from: Data($0.utf8)) }
    let rows = try rows()
    #expect(rows.map { $0["codec"] } == ["fp32", "delta+int8+entropy"])
    let plain = results.filter { $0.cell.values["codec"] == "fp32" }
    for row in rows {
      let own = results.filter { $0.cell.values["codec"] == row["codec"] }
      #expect(own.count == 2)
      #expect(abs(try number(row["dice"]) - mean(own.map(\.dice))) < 1e-12)
      #expect(abs(try number(row["dice_lost"]) - mean(zip(plain, own).map { $0.dice - $1.dice })) < 1e-12)
      let total = mean(own.map { Double($0.bytesDown + $0.bytesUp) })
      #expect(try number(row["bytes_down"]) + number(row["bytes_up"]) == total)
      let scans = Double(own[0].traffic.reduce(0) { $0 + $1.scanBytesCompressed })
      #expect(abs(try number(row["saving_compressed"]) - (1 - total / scans)) < 1e-12)
      let cases = Double(own[0].traffic.reduce(0) { $0 + $1.cases })
      let needed = (total / 2) / (scans / cases * (1 - 0.95))
      #expect(abs(try number(row["cases_95"]) - needed.rounded(.up)) <= 1)
      #expect(own[0].traffic.reduce(0) { $0 + $1.bytes } == own[0].bytesDown + own[0].bytesUp)
    }
    #expect(try number(rows[1]["bytes_down"]) < number(rows[0]["bytes_down"]) / 4)
    #expect(rows[1]["frontier"] == "1")
    // The same runs against scans elsewhere.
    _ = try folder.write(
      Data(
        "site,cases,compressed_bytes,uncompressed_bytes\nbirch,10,1000000000,2\nhazel,20,3000000000,3\n".utf8),
      "scans.csv")
    let again = try bandwidth("{codec: [fp32, delta+int8+entropy]}", "--scans", folder.file("scans.csv"))
    #expect(
      again.code == 0 && again.output.contains("the scans of 30 cases take 4000.00 MB compressed"),
      "\(again.errors)")
    #expect(try self.rows()[0]["scan_bytes_uncompressed"] == "5")
  }

  @Test(arguments: [
    ("{codec: [fp32], strategy: [fedavg]}", "", "codecs.yaml", ["axes beside codec"]),
    ("{codec: [topk]}", "", "codecs.yaml", ["Write delta+topk"]),
    ("{codec: [fp32]}", "site,cases\nbirch,1\n", "scans.csv", ["columns", "compressed_bytes"]),
    (
      "{codec: [fp32]}", "site,cases,compressed_bytes,uncompressed_bytes\nbirch,0,1,1\n", "scans.csv",
      ["row 1, cases", "found 0"]
    ),
    (
      "{codec: [fp32]}", "site,cases,compressed_bytes,uncompressed_bytes\na,1,1,1\na,1,1,1\n", "scans.csv",
      ["a site twice"]
    ),
  ])
  func whatIsWrongIsSaid(grid: String, scans: String, names: String, says: [String]) throws {
    let path = try folder.write(Data(scans.utf8), "scans.csv")
    let outcome =
      scans.isEmpty ? try bandwidth(grid) : try bandwidth(grid, "--scans", path)
    Refusal.check(outcome, names: names, says: says)
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  /// Every byte of a round's messages is some tensor's or the envelopes'.
  @Test func bytesAreKeptByTensor() throws {
    let outcome = try SegfedProcess([
      "train", "--data", folder.file("data"), "--plan", folder.file("plan.yaml"), "--output",
      folder.file("run"),
      "--codec", "delta+topk:fraction=0.1+int4+entropy", "--quiet",
    ]).wait()
    try #require(outcome.code == 0, "\(outcome.errors)")
    let text = try String(contentsOfFile: folder.file("run/coordinator/bytes.csv"), encoding: .utf8)
    let lines = text.split(whereSeparator: \.isNewline).dropFirst().map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let journal = try String(contentsOfFile: folder.file("run/coordinator/rounds.jsonl"), encoding: .utf8)
    var checked = 0
    for line in journal.split(separator: "\n") where line.contains("\"entry\":\"round\"") {
      let round = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      for site in try #require(round["sites"] as? [[String: Any]]) {
        for direction in ["down", "up"] {
          let own = lines.filter {
            $0[0] == "\(round["round"] ?? "")" && $0[1] == site["site"] as? String && $0[2] == direction
          }
          #expect(own.reduce(0) { $0 + (Int($1[4]) ?? 0) } == site["bytes_" + direction] as? Int)
          let tensors = own.filter { !$0[3].isEmpty }
          #expect(tensors.count > 10 && tensors.allSatisfy { (Int($0[4]) ?? -1) >= 0 })
          // Envelopes, scores and digests take little beside.
          #expect(own.filter { $0[3].isEmpty }.allSatisfy { 1...3000 ~= Int($0[4]) ?? 0 })
          checked += 1
        }
      }
    }
    #expect(checked == 8)
  }
}

private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
