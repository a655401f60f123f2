import Foundation
import TestSupport
import Testing

@Suite struct BadScanTests {
  /// Training stops before it begins: one message, and no run folder at all.
  @Test(arguments: BadScan.all) func stopsTraining(bad: BadScan) throws {
    let folder = try TemporaryFolder()
    let sites = try TinySites.shared.get()
    let data = try sites.copy(to: folder)
    try bad.damage(data)
    let plan = try folder.write(Data(Self.planWithLabels.utf8), "plan.yaml")
    let run = folder.file("runs/first")
    let outcome = try SegfedProcess.run(
      "train", "--data", data, "--output", run, "--plan", plan, "--quiet")
    Refusal.check(outcome, names: data + "/" + bad.names, says: bad.says)
    #expect(!Refusal.exists(folder.file("runs")))
  }

  /// BraTS' labels, named: other labels in a file are an error then, not one more class.
  private static let planWithLabels = TinySites.planText(
    more: """
      labels:
      - {value: 0, name: background}
      - {value: 1, name: necrotic core}
      - {value: 2, name: edema}
      - {value: 4, name: enhancing tumour}
      """)

  /// The same scans stop a study before its first fold.
  @Test func stopsLeaveOneSiteOut() throws {
    let folder = try TemporaryFolder()
    let data = try TinySites.shared.get().copy(to: folder)
    let run = folder.file("loso")
    // The first fold would hold out birch and could train on hazel; only the second one lacks cases.
    for name in ["birch-001", "birch-002"] {
      try FileManager.default.removeItem(atPath: data + "/birch/" + name)
    }
    let outcome = try SegfedProcess.run(
      "loso", "--data", data, "--output", run, "--plan", TinySites.shared.get().plan, "--quiet")
    Refusal.check(outcome, names: data + "/birch", says: ["found 1 case"])
    #expect(!Refusal.exists(run))
  }

  @Test func labelMapsWithoutForeground() throws {
    let folder = try TemporaryFolder()
    let sites = try TinySites.shared.get()
    let data = try sites.copy(to: folder)
    try Emptying.labels(below: data)
    let outcome = try SegfedProcess.run(
      "train", "--data", data, "--output", folder.file("run"), "--plan", sites.plan, "--quiet")
    Refusal.check(outcome, names: sites.plan, says: ["labels", "found 1"])
    #expect(!Refusal.exists(folder.file("run")))
  }

  @Test(arguments: ["", "a-file"]) func dataIsNoFolder(name: String) throws {
    let folder = try TemporaryFolder()
    let file = name.isEmpty ? folder.file("nothing") : try folder.write(Data("text".utf8), name)
    let outcome = try SegfedProcess.run(
      "train", "--data", file, "--output", folder.file("run"), "--quiet")
    Refusal.check(outcome, names: file)
    #expect(!Refusal.exists(folder.file("run")))
  }
}
