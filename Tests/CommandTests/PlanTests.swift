import Foundation
import TestSupport
import Testing

/// `segfed plan` as it is typed.
@Suite struct PlanTests {
  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.oneCaseEach.get()
  }

  private func plan(_ output: String, _ more: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(
      ["plan", "--data", sites.data, "--output", folder.file(output), "--speed", "500"] + more)
  }

  @Test func aPlanIsWrittenAndExplained() throws {
    let run = try plan("plans/plan.yaml")
    #expect(run.code == 0, "\(run.errors)")
    for text in [
      "6 cases", "target voxel mm", "intensity in labels", "flair", "2 edema", "8.00 GB of memory",
      "The sites told", "no scan left a site", "1000 rounds of 250 steps",
    ] {
      #expect(run.output.contains(text), "\(text)")
    }
    #expect(!run.output.contains("-001") && run.errors.contains("looking at scans"))
    let text = try String(contentsOfFile: folder.file("plans/plan.yaml"), encoding: .utf8)
    #expect(!text.contains("-001") && text.contains("# mm along x, y, z: the median"))
    // An earlier plan is only replaced on request.
    Refusal.check(try plan("plans/plan.yaml", "--quiet"), names: folder.file("plans/plan.yaml"))
    let json = try plan("plans/plan.yaml", "--force", "--json", "--quiet")
    #expect(json.code == 0 && json.errors.isEmpty)
    let document = try json.json()
    #expect(document["cases"] as? Int == 6 && (document["patch"] as? [Int])?.count == 3)
    #expect((document["memory_bytes"] as? Int ?? .max) <= 8_000_000_000)
  }

  @Test func slicesGetAPlanOfTheirOwn() throws {
    let slices = try TinySites.slices.get()
    let run = try SegfedProcess.run(
      "plan", "--data", slices.data, "--output", folder.file("plan.yaml"), "--speed", "500", "--json",
      "--quiet")
    #expect(run.code == 0, "\(run.errors)")
    #expect(try run.json()["dimensions"] as? Int == 2)
    Refusal.check(
      try SegfedProcess.run(
        "plan", "--data", slices.data, "--output", folder.file("other.yaml"), "--dimensions", "3", "--quiet"),
      names: "--dimensions 3", says: ["single slices"])
  }

  @Test func whatCannotBeIsRefused() throws {
    Refusal.checkUsage(try plan("plan.yaml", "--dimensions", "4"), says: ["expected 2 or 3"])
    Refusal.checkUsage(try plan("plan.yaml", "--memory", "much"), says: ["such as 2GB", "much"])
    Refusal.checkUsage(try plan("plan.yaml", "--hours", "0"), says: ["--hours", "above 0"])
    Refusal.checkUsage(
      try plan("plan.yaml", "--nnunet-budget", "8", "--memory", "2GB"), says: ["another machine"])
    Refusal.check(
      try plan("plan.yaml", "--memory", "1MB", "--quiet"), names: "1.00 MB", says: ["the smallest", "takes"])
    Refusal.check(
      try plan("none/deeper/plan.yaml", "--layout", "nnunet", "--quiet"), names: sites.data)
    #expect(!Refusal.exists(folder.file("plan.yaml")))
  }

  /// A built-in plan by its name, and what a misspelt one is told.
  @Test func plansHaveNames() throws {
    let run = try SegfedProcess.run(
      "harmonise", "--data", sites.data, "--output", folder.file("out"), "--plan", "tiny", "--quiet")
    #expect(run.code == 0, "\(run.errors)")
    Refusal.check(
      try SegfedProcess.run(
        "train", "--data", sites.data, "--output", folder.file("run"), "--plan", "nnunet-3d", "--quiet"),
      names: "--plan nnunet-3d", says: ["tiny", "nnunet3d-resenc", "Did you mean nnunet3d?"])
  }
}
