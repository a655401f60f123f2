import Foundation
import TestSupport
import Testing

/// Memory ceilings and networks beyond memory, through the program.
@Suite struct MemoryTests {
  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
  }

  private func model(_ run: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: folder.file(run) + "/coordinator/model.safetensors"))
  }

  @Test func aCeilingGivesTheSameModel() throws {
    let refused = try sites.train(output: folder.file("refused"), "--memory", "0.01MB", "--quiet")
    Refusal.check(refused, names: sites.plan, says: ["needs at least", "--memory allows 0.01 MB"])
    #expect(!Refusal.exists(folder.file("refused")))
    // The refusal tells the ceiling that can be met.
    let least = try #require(refused.errors.firstMatch(of: /--memory ([0-9.]+MB)/)).1
    let below = try sites.train(output: folder.file("below"), "--memory", String(least))
    #expect(below.code == 0, "\(below.errors)")
    #expect(below.output.contains("twice (slower, same results)"))
    let plain = try sites.train(output: folder.file("plain"))
    #expect(plain.code == 0, "\(plain.errors)")
    #expect(!plain.output.contains("memory:"))
    #expect(try model("below") == model("plain"))
    let configuration = try String(contentsOfFile: folder.file("below/config.yaml"), encoding: .utf8)
    #expect(configuration.contains("ceiling_bytes: ") && configuration.contains("recomputed_layers:\n  - "))
    #expect(
      try !String(contentsOfFile: folder.file("plain/config.yaml"), encoding: .utf8).contains("ceiling"))
  }

  @Test func looseCeilingRecomputesNothing() throws {
    let outcome = try sites.train(output: folder.file("run"), "--memory", "2GB")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("memory: training stays below 2.00 GB as it is"))
    let configuration = try String(contentsOfFile: folder.file("run/config.yaml"), encoding: .utf8)
    #expect(
      configuration.contains("ceiling_bytes: 2000000000") && configuration.contains("recomputed_layers: []"))
  }

  @Test(arguments: ["2", "two", "0GB", "-1GB", "2 apples"]) func sizeIsNone(text: String) throws {
    for command in ["train", "loso"] {
      let outcome = try SegfedProcess.run(
        command, "--data", sites.data, "--output", folder.file("run"), "--memory=\(text)")
      Refusal.checkUsage(outcome, says: ["--memory: found \(text)", "2GB"])
    }
  }

  struct Plan: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let says: [String]
  }

  static let plans = [
    Plan(
      testDescription: "eight stages of 2048",
      text: TinySites.planText(
        patch: [512, 512, 512], widths: Array(repeating: 2048, count: 8)),
      says: ["TB", "the machine has", "fewer or narrower stages"]),
    Plan(
      testDescription: "wide and large",
      text: TinySites.planText(patch: [4096, 4096, 4096], widths: [2048, 2048]),
      says: ["TB", "Use patch ["]),
    Plan(
      testDescription: "patch beyond counting",
      text: TinySites.planText(patch: [9_223_372_036_854_775_806, 16, 16]), says: ["width", "at most 4096"]),
    Plan(testDescription: "negative patch", text: TinySites.planText(patch: [-16, 16, 16]), says: ["patch"]),
    Plan(
      testDescription: "batch beyond counting",
      text: TinySites.planText().replacingOccurrences(of: "batch: 1\n", with: "batch: 1099511627776\n"),
      says: ["batch", "1 to 256"]),
    Plan(
      testDescription: "no batch",
      text: TinySites.planText().replacingOccurrences(of: "batch: 1\n", with: "batch: 0\n"),
      says: ["batch", "found 0"]),
    Plan(testDescription: "no maps", text: TinySites.planText(widths: [0, 8]), says: ["widths", "found 0"]),
    Plan(testDescription: "no stages", text: TinySites.planText(widths: []), says: ["widths", "found 0"]),
    Plan(
      testDescription: "no contrasts", text: TinySites.planText(more: "contrasts: []"), says: ["contrasts"]),
  ]

  @Test(arguments: plans) func planIsRefused(plan: Plan) throws {
    let file = try folder.write(Data(plan.text.utf8), "bad.yaml")
    for command in ["train", "loso"] {
      let outcome = try SegfedProcess.run(
        command, "--data", sites.data, "--output", folder.file("run"), "--plan", file, "--quiet")
      Refusal.check(outcome, names: file, says: plan.says)
      #expect(!Refusal.exists(folder.file("run")))
    }
  }
}
