import Foundation
import TestSupport
import Testing

/// `segfed report`: what a page says of a run is what the run's files say.
struct ReportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func train(_ output: String, _ more: String...) throws {
    let sites = try TinySites.shared.get()
    let outcome = try SegfedProcess(
      [
        "train", "--data", sites.data, "--plan", sites.plan, "--output", folder.file(output), "--threads",
        "1", "--quiet",
      ] + more
    ).wait(seconds: 120)
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  private func report(_ arguments: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess(["report"] + arguments + ["--quiet"]).wait(seconds: 60)
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder.file(name), encoding: .utf8)
  }

  /// Every score and every number of bytes in `metrics.json` stands on the page; no case's name and no picture does.
  @Test func aPageSaysWhatMetricsSay() throws {
    try train("run", "--rounds", "2")
    let outcome = try report(folder.file("run"))
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output == folder.file("run/report.html") + "\n")
    let page = try text("run/report.html")
    let metrics = try #require(
      try JSONSerialization.jsonObject(with: Data(text("run/metrics.json").utf8)) as? [String: Any])
    for (name, site) in try #require(metrics["sites"] as? [String: [String: Any]]) {
      #expect(page.contains("<bdi>\(name)</bdi>"))
      for case let dice as Double in try #require(site["dice"] as? [String: Any]).values {
        #expect(page.contains(String(format: "%.4f", dice)), "\(name) \(dice)")
      }
    }
    let bandwidth = try #require(metrics["bandwidth"] as? [String: Any])
    for site in try #require(bandwidth["sites"] as? [String: [String: Any]]).values {
      let bytes = try #require(site["total_bytes"] as? Int)
      let formatter = NumberFormatter()
      formatter.locale = Locale(identifier: "en_US")
      formatter.numberStyle = .decimal
      #expect(page.contains(try #require(formatter.string(from: bytes as NSNumber))))
    }
    let cases = try FileManager.default.contentsOfDirectory(atPath: TinySites.shared.get().data + "/birch")
    #expect(cases.count == 3)
    for site in ["birch", "hazel"] {
      for name in try FileManager.default.contentsOfDirectory(
        atPath: TinySites.shared.get().data + "/" + site)
      {
        #expect(!page.contains(name), "\(name)")
      }
    }
    #expect(!page.contains("data:image") && !page.contains("<img") && !page.contains("<canvas"))
    for section in ["summary", "outcome", "learning", "bandwidth", "data", "methods"] {
      #expect(page.contains("<section id=\"\(section)\""), "\(section)")
    }
    // A report is no result: the run stays as it was, and a second one replaces the first.
    #expect(try report(folder.file("run")).code == 0)
    // Without the sites' half it tells what the coordinator knows.
    try FileManager.default.removeItem(atPath: folder.file("run/sites"))
    #expect(try report(folder.file("run"), "--no-data").code == 0)
    #expect(try text("run/report.html").contains("<section id=\"bandwidth\""))
  }

  @Test func figuresAreWrittenInEveryFormat() throws {
    try train("run", "--rounds", "1")
    for (format, suffix, start) in [
      ("svg", "svg", "<?xml"), ("csv", "csv", "site,"), ("latex", "tex", "% "),
      ("markdown", "md", "Bytes by round"),
    ] {
      let outcome = try report(folder.file("run"), "--format", format, "--output", folder.file(format))
      #expect(outcome.code == 0, "\(outcome.errors)")
      let name = format == "csv" ? "scores" : "bytes-by-round"
      #expect(try text("\(format)/\(name).\(suffix)").hasPrefix(start))
    }
  }

  /// Runs that go on or were cut off, several runs, other kinds of folders.
  @Test func whatIsNotOneFinishedRun() throws {
    let sites = try TinySites.shared.get()
    let killed = try SegfedProcess(
      [
        "train", "--data", sites.data, "--plan", sites.plan, "--output", folder.file("cut"), "--rounds", "3",
        "--threads", "1", "--quiet",
      ],
      environment: ["SEGFED_FAIL_POINT": "append:3:kill"]
    ).wait(seconds: 120)
    #expect(killed.code == -9, "\(killed.errors)")
    #expect(try report(folder.file("cut")).code == 0)
    #expect(try text("cut/report.html").contains("did not come to its end"))
    try train("a", "--rounds", "1")
    try train("b", "--rounds", "1", "--mode", "local", "--seed", "2")
    Refusal.check(
      try report(folder.file("a"), folder.file("b")), names: "--output", says: ["2 runs", "report.html"])
    let both = try report(folder.file("a"), folder.file("b"), "--output", folder.file("both.html"))
    #expect(both.code == 0, "\(both.errors)")
    let page = try text("both.html")
    #expect(page.contains("What their configurations differ in") && page.contains("<bdi>mode</bdi>"))
    try train("seeds", "--rounds", "1", "--seeds", "2")
    #expect(try report(folder.file("seeds"), "--output", folder.file("seeds.html")).code == 0)
    #expect(try text("seeds.html").contains("Dice by site and seed"))
    let loso = try SegfedProcess.run(
      "loso", "--data", sites.data, "--plan", sites.plan, "--output", folder.file("loso"), "--rounds", "1",
      "--quiet")
    #expect(loso.code == 0, "\(loso.errors)")
    #expect(try report(folder.file("loso")).code == 0)
    #expect(try text("loso/report.html").contains("Each site left out in turn"))
  }

  /// The table of a study of codecs, as `segfed bandwidth` wrote it for the README.
  @Test func codecsHaveTheirFrontier() throws {
    try FileManager.default.copyItem(
      atPath: Repository.path("Benchmarks/results/bandwidth"), toPath: folder.file("codecs"))
    let outcome = try report(folder.file("codecs"))
    #expect(outcome.code == 0, "\(outcome.errors)")
    let page = try text("codecs/report.html")
    #expect(page.contains("saves 95.2 % of the compressed"))
    #expect(page.contains("<bdi>delta+dct+uniform:step=1.8+entropy</bdi> <em>frontier</em>"))
    #expect(page.contains("and loses 0.0023") && page.contains("Dice against megabytes"))
  }

  /// What `segfed sweep` wrote for the strategies' table: three seeds each, and a grid of two axes.
  @Test func gridsStandSideBySide() throws {
    for name in ["strategies", "attacks-2-of-6"] {
      try FileManager.default.copyItem(
        atPath: Repository.path("Benchmarks/results/\(name)"), toPath: folder.file(name))
      let outcome = try report(folder.file(name))
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    let page = try text("strategies/report.html")
    #expect(page.contains("cyclic has the highest Dice, 0.7718 ± 0.0164"))
    #expect(page.contains("the worst site fares best with fadl, 0.6583"))
    #expect(page.contains("Grid of runs: strategy") && page.contains("<bdi>fedavg</bdi>"))
    #expect(try text("attacks-2-of-6/report.html").contains("<bdi>none · fedavg</bdi>"))
  }

  /// Numbers that cannot be relied on are shown with a word on it.
  @Test func damageIsTold() throws {
    try train("run", "--rounds", "3")
    let journal = folder.file("run/coordinator/rounds.jsonl")
    let whole = try String(contentsOfFile: journal, encoding: .utf8)
    var lines = whole.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let round = try #require(lines.lastIndex { $0.contains(#""entry":"round""#) })
    lines[round] = lines[round].replacing(#""loss":"#, with: #""loss":1"#)
    try lines.joined(separator: "\n").write(toFile: journal, atomically: true, encoding: .utf8)
    #expect(try report(folder.file("run")).code == 0)
    #expect(try text("run/report.html").contains("rounds.jsonl: line \(round + 1) was damaged or changed"))
    try FileManager.default.removeItem(atPath: journal)
    try Data("{".utf8).write(to: URL(fileURLWithPath: folder.file("run/history.json")))
    #expect(try report(folder.file("run")).code == 0)
    let page = try text("run/report.html")
    #expect(page.contains("rounds.jsonl is missing") && page.contains("history.json is damaged"))
  }

  @Test func whatIsNoRunIsRefused() throws {
    try train("run", "--rounds", "1")
    Refusal.check(
      try report(folder.file("nowhere")), names: "nowhere", says: ["nothing that a report can tell of"])
    let path = folder.file("run/metrics.json")
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
    Refusal.check(try report(folder.file("run")), names: "metrics.json", says: ["no whole JSON document"])
    try String(decoding: whole, as: UTF8.self).replacing(
      "\"schema_version\": 1", with: "\"schema_version\": 9"
    )
    .write(toFile: path, atomically: true, encoding: .utf8)
    Refusal.check(try report(folder.file("run")), names: "metrics.json", says: ["found 9", "newer segfed"])
    try whole.write(to: URL(fileURLWithPath: path))
    let config = folder.file("run/config.yaml")
    let text = try String(contentsOfFile: config, encoding: .utf8)
    try text.replacing("schema_version: 1", with: "schema_version: 9", maxReplacements: 1)
      .write(toFile: config, atomically: true, encoding: .utf8)
    Refusal.check(try report(folder.file("run")), names: "config.yaml", says: ["9"])
    #expect(!FileManager.default.fileExists(atPath: folder.file("run/report.html")))
  }
}
