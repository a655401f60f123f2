import Foundation
import TestSupport
import Testing

/// `segfed contribution`: what each site has added, from kept updates.
struct ContributionTests {
  private let folder: TemporaryFolder
  private let data: String

  init() throws {
    folder = try TemporaryFolder()
    data = try TinySites.shared.get().data
  }

  private func train(_ more: String...) throws -> String {
    let plan = try folder.write(Data(TinySites.planText(rounds: 3).utf8), "plan.yaml")
    let run = folder.file("run")
    let outcome = try SegfedProcess(
      ["train", "--data", data, "--plan", plan, "--output", run, "--quiet"] + more
    ).wait()
    try #require(outcome.code == 0, "\(outcome.errors)")
    return run
  }

  private func contribution(_ run: String, _ more: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess(["contribution", run, "--quiet"] + more).wait()
  }

  private func rows(_ run: String) throws -> [[String: String]] {
    let text = try String(contentsOfFile: run + "/coordinator/contribution.csv", encoding: .utf8)
    let lines = text.split(whereSeparator: \.isNewline).map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
  }

  /// The gain of the rounds is that of the models that the journal tells of: from the first model to the last.
  @Test func partsSumToTheGain() throws {
    let run = try train("--keep-updates")
    let outcome = try contribution(run)
    try #require(outcome.code == 0, "\(outcome.errors)")
    let rows = try rows(run)
    #expect(rows.map { $0["site"] ?? "" }.sorted() == ["birch", "hazel"])
    let sum = rows.reduce(0.0) { $0 + (Double($1["contribution"] ?? "") ?? .nan) }
    // Validation of the last model, and of the first one, which no round has: it scores next to nothing.
    let journal = try String(contentsOfFile: run + "/coordinator/rounds.jsonl", encoding: .utf8)
    let means = journal.matches(of: /"validation_mean":([0-9.e-]+)/).compactMap { Double($0.1) }
    let last = try #require(means.last)
    #expect(sum <= last + 1e-6 && sum > last - 0.5, "\(sum) \(means)")
    // Permutations of two sites are all there are.
    let guided = try contribution(run, "--method", "gtg", "--tolerance", "0")
    #expect(guided.code == 0, "\(guided.errors)")
    for (row, exact) in zip(try self.rows(run), rows) {
      let (found, expected) = (
        Double(row["contribution"] ?? "") ?? .nan, Double(exact["contribution"] ?? "") ?? .nan
      )
      #expect(row["site"] == exact["site"] && abs(found - expected) < 1e-9)
    }
    // Nothing of the run itself is touched: it can be verified.
    #expect(try SegfedProcess(["verify", run, "--quiet"]).wait().code == 0)
  }

  /// Shapley's symmetry: what two sites send alike is worth the same.
  @Test(arguments: ["exact", "gtg"]) func sitesThatSendTheSameGetEqualShares(method: String) throws {
    let run = try train("--keep-updates")
    for round in 1...3 {
      let sites = run + "/coordinator/kept/round-00000\(round)/sites/"
      try FileManager.default.removeItem(atPath: sites + "hazel.safetensors")
      try FileManager.default.copyItem(
        atPath: sites + "birch.safetensors", toPath: sites + "hazel.safetensors")
    }
    let outcome = try contribution(run, "--method", method)
    try #require(outcome.code == 0, "\(outcome.errors)")
    let shares = try rows(run).compactMap { Double($0["contribution"] ?? "") }
    #expect(shares.count == 2 && shares[0] != 0 && abs(shares[0] - shares[1]) < 1e-12, "\(shares)")
  }

  /// Two sites with the same data get equal shares, and a site with other data another one: where nothing is drawn at random (one scan a
  /// site, seen whole), the twins train alike.
  @Test func sitesWithTheSameDataGetEqualShares() throws {
    let sources = [("birch", "birch"), ("twin", "birch"), ("hazel", "hazel")]
    for (site, source) in sources {
      for number in 1...3 {
        let original = try TinySites.oneCaseEach.get().data + "/\(source)/\(source)-001"
        try TinySites.copy(case: original, to: folder.folder("twins/\(site)/case-\(number)"))
      }
    }
    let text = TinySites.planText(patch: [24, 28, 24], rounds: 3).replacing(
      "mirror: [x]", with: "mirror: []\naugmentation: none")
    let plan = try folder.write(Data(text.utf8), "plan.yaml")
    let run = folder.file("run")
    let trained = try SegfedProcess(
      [
        "train", "--data", folder.file("twins"), "--plan", plan, "--output", run, "--keep-updates",
        "--allow-duplicates", "--quiet",
      ]
    ).wait()
    try #require(trained.code == 0, "\(trained.errors)")
    try #require(try contribution(run, "--method", "exact").code == 0)
    let shares = try Dictionary(
      uniqueKeysWithValues: rows(run).map { ($0["site"] ?? "", Double($0["contribution"] ?? "") ?? .nan) })
    let (one, other, third) = try (
      #require(shares["birch"]), #require(shares["twin"]), #require(shares["hazel"])
    )
    #expect(abs(one - other) < 1e-9 && abs(one - third) > 1e-4, "\(shares)")
  }

  @Test func whatIsWrongIsSaid() throws {
    let run = try train()
    Refusal.check(try contribution(run), names: run, says: ["no kept updates", "--keep-updates"])
    Refusal.check(try contribution(folder.file("nowhere")), names: "nowhere", says: [])
  }

  @Test func strategiesThatAreNoMean() throws {
    let run = try train("--keep-updates", "--strategy", "median")
    Refusal.check(try contribution(run), names: run, says: ["the strategy median", "fedavg or fedprox"])
  }

  /// A file that is damaged is none of the round's updates.
  @Test func damagedUpdatesAreRefused() throws {
    let run = try train("--keep-updates")
    let path = run + "/coordinator/kept/round-000002/sites/birch.safetensors"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try bytes.dropLast(8).write(to: URL(fileURLWithPath: path))
    Refusal.check(try contribution(run), names: "birch.safetensors", says: [])
    #expect(!FileManager.default.fileExists(atPath: run + "/coordinator/contribution.csv"))
  }
}
