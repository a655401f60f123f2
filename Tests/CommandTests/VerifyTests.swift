import Foundation
import TestSupport
import Testing

/// `segfed verify`: what was run is repeated to the bit, and whatever was changed since is found.
struct VerifyTests {
  private let folder: TemporaryFolder
  private let data: String
  private let run: String

  init() throws {
    folder = try TemporaryFolder()
    data = folder.file("data")
    try FileManager.default.copyItem(atPath: try TinySites.shared.get().data, toPath: data)
    run = folder.file("run")
  }

  private func train(_ more: [String] = []) throws {
    let text = TinySites.planText(rounds: 2)
    let plan = try folder.write(Data(text.utf8), "plan.yaml")
    let outcome = try SegfedProcess(
      ["train", "--data", data, "--plan", plan, "--output", run, "--quiet"] + more
    ).wait()
    try #require(outcome.code == 0, "\(outcome.errors)")
  }

  private func verify(_ more: [String] = []) throws -> SegfedProcess.Outcome {
    try SegfedProcess(["verify", run, "--quiet"] + more).wait()
  }

  private func refusal(says words: [String]) throws {
    Refusal.check(try verify(), names: run, says: words)
    #expect(!FileManager.default.fileExists(atPath: run + ".verify"))
  }

  @Test(arguments: [
    [], ["--strategy", "fedadam:eta=0.01", "--seed", "4"], ["--mode", "centralised"], ["--mode", "local"],
    ["--hold-out-site", "birch", "--optimizer-state", "keep"], ["--participation", "fraction:0.5"],
    ["--codec", "delta+topk:fraction=0.1+int4+entropy", "--convention", "nnunet"],
    [
      "--codec-down", "delta+randk+fp16", "--codec-up", "lowrank:rank=1+int8", "--participation",
      "fraction:0.5",
    ],
  ])
  func whatWasRunIsRepeated(arguments: [String]) throws {
    try train(arguments)
    let outcome = try verify()
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("to the bit"))
    #expect(!FileManager.default.fileExists(atPath: run + ".verify"))
  }

  @Test func theDataMayHaveMoved() throws {
    try train()
    let other = folder.file("moved")
    try FileManager.default.moveItem(atPath: data, toPath: other)
    #expect(try verify().code == 2)
    #expect(try verify(["--data", other]).code == 0)
  }

  @Test func aChangedLineIsFound() throws {
    try train()
    let journal = run + "/coordinator/rounds.jsonl"
    let text = try String(contentsOfFile: journal, encoding: .utf8)
    try text.replacing("\"steps\":1", with: "\"steps\":2").write(
      toFile: journal, atomically: true, encoding: .utf8)
    try refusal(says: ["rounds.jsonl", "line 3"])
  }

  @Test func changedWeightsAreFound() throws {
    try train()
    let path = run + "/coordinator/model.safetensors"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count - 3] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    try refusal(says: ["model.safetensors", "weights"])
  }

  @Test func aMissingModelIsFound() throws {
    try train()
    try FileManager.default.removeItem(atPath: run + "/coordinator/model.safetensors")
    try refusal(says: ["model.safetensors", "missing"])
  }

  @Test func anEarlierRoundsModelIsFound() throws {
    try train()
    try replace("\"round\":\"2\"", with: "\"round\":\"1\"", in: run + "/coordinator/model.safetensors")
    try refusal(says: ["model.safetensors", "round 1", "round 2"])
  }

  /// Where sites have the coordinator's model, and where a strategy leaves them their own.
  @Test(arguments: [[], ["--strategy", "ditto"], ["--fine-tune-steps", "1"]])
  func aSitesModelIsFound(arguments: [String]) throws {
    try train(arguments)
    #expect(try verify().code == 0)
    let path = run + "/sites/hazel/model.safetensors"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count - 3] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    try refusal(says: ["sites/hazel/model.safetensors", "tested"])
    // The sites' half may be deleted.
    try FileManager.default.removeItem(atPath: run + "/sites")
    #expect(try verify().code == 0)
  }

  /// A journal without its end is a whole run's no more; of a run that was cut off it is what there is.
  @Test func aMissingEndIsFound() throws {
    try train()
    let journal = run + "/coordinator/rounds.jsonl"
    let lines = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n")
    try (lines.dropLast().joined(separator: "\n") + "\n").write(
      toFile: journal, atomically: true, encoding: .utf8)
    try refusal(says: ["rounds.jsonl", "no end", "metrics.json"])
    try FileManager.default.removeItem(atPath: run + "/metrics.json")
    let outcome = try verify()
    #expect(outcome.code == 0 && outcome.output.contains("did not come to its end"), "\(outcome.errors)")
  }

  /// Bytes for as many others.
  private func replace(_ text: String, with other: String, in path: String) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let place = try #require(bytes.range(of: Data(text.utf8)))
    bytes.replaceSubrange(place, with: Data(other.utf8))
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  @Test func changedSettingsAreFound() throws {
    try train()
    let path = run + "/config.yaml"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing("seed: 1\n", with: "seed: 2\n").write(toFile: path, atomically: true, encoding: .utf8)
    try refusal(says: ["config.yaml"])
  }

  /// One voxel of one training scan.
  @Test func changedDataIsFound() throws {
    try train()
    let rows = try String(contentsOfFile: run + "/sites/birch/cases.csv", encoding: .utf8).split(
      whereSeparator: \.isNewline)
    let name = try #require(rows.first { $0.contains(",training,") }?.split(separator: ",").first)
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(data)/birch/\(name)")
    let scan = try #require(files.first { $0.hasPrefix("\(name)_t1.") })
    let path = "\(data)/birch/\(name)/\(scan)"
    try TinySites.mark(path, with: 9)
    try refusal(says: ["round 1", "SHA-256"])
  }

  @Test func whatIsNoRunIsRefused() throws {
    Refusal.check(
      try SegfedProcess(["verify", folder.file("nothing"), "--quiet"]).wait(), names: "nothing",
      says: ["config.yaml"])
  }
}
