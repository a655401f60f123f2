import Foundation
import Foundations
import TestSupport
import Testing

/// Tuning tables as an input of runs: read, checked, kept, digested, and really used.
@Suite struct TuningTests {
  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
  }

  /// The kernels that this machine's program computes with.
  private static let kernels = Result {
    let outcome = try SegfedProcess.run("benchmark", "--network", "B", "--explain", "--json")
    let numerics = try #require(try outcome.json()["numerics"] as? [String: String])
    return try #require(numerics["kernels"])
  }

  /// A table for the tiny plan that names one strategy for every pass of its first convolution.
  private func table(strategy: String, kernels: String? = nil, channels: Int = 4) throws -> String {
    let shape =
      "batch: 1, input: [16, 16, 16], input_channels: \(channels), output_channels: 4, "
      + "kernel: [3, 3, 3], stride: [1, 1, 1], padding: [1, 1, 1]"
    let lines = ["forward", "weight gradient"].map { "  - {\(shape), pass: \($0), strategy: \(strategy)}" }
    let text = """
      schema_version: 1
      kernels: \(try kernels ?? Self.kernels.get())
      openblas_core: any
      entries:
      \(lines.joined(separator: "\n"))

      """
    return try folder.write(Data(text.utf8), "\(strategy).yaml")
  }

  private func bytes(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: folder.file(path)))
  }

  private func model(_ run: String) throws -> Data { try bytes(run + "/coordinator/model.safetensors") }

  @Test func aRunKeepsItsTableAndRepeats() throws {
    let path = try table(strategy: "reference")
    for run in ["first", "second"] {
      let outcome = try sites.train(output: folder.file(run), "--tuning", path, "--quiet")
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    #expect(try model("first") == model("second"))
    // The digest in config.yaml is that of the copy beside it, and part of the run's own.
    let digest = Digest.sha256Hex(try bytes("first/tuning.yaml"))
    let configuration = String(decoding: try bytes("first/config.yaml"), as: UTF8.self)
    #expect(configuration.contains("tuning_digest: \(digest)\n"))
    // The copy is a table like the other: a run with it is the same run.
    let copy = folder.file("first/tuning.yaml")
    #expect(try sites.train(output: folder.file("third"), "--tuning", copy, "--quiet").code == 0)
    #expect(try bytes("third/config.yaml") == bytes("first/config.yaml"))
    #expect(try model("third") == model("first"))
  }

  /// Sums in double precision leave other bits than the cost model's choice, and so does another tile.
  @Test func theTableComputes() throws {
    let plain = try sites.train(output: folder.file("plain"), "--quiet")
    #expect(plain.code == 0, "\(plain.errors)")
    #expect(!Refusal.exists(folder.file("plain/tuning.yaml")))
    #expect(!String(decoding: try bytes("plain/config.yaml"), as: UTF8.self).contains("tuning"))
    var models = [try model("plain")]
    var digests = [try header("plain")]
    for strategy in ["reference", "winograd:2x2x2"] {
      let outcome = try sites.train(
        output: folder.file(strategy), "--tuning", table(strategy: strategy), "--quiet")
      #expect(outcome.code == 0, "\(outcome.errors)")
      models.append(try model(strategy))
      digests.append(try header(strategy))
    }
    #expect(Set(models).count == 3)
    #expect(Set(digests).count == 3)
  }

  /// The journal's digest of the whole configuration, which travels in every message.
  private func header(_ run: String) throws -> String {
    let line = try #require(
      String(decoding: try bytes(run + "/coordinator/rounds.jsonl"), as: UTF8.self).split(separator: "\n")
        .first)
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    return try #require(object?["config_digest"] as? String)
  }

  @Test func predictTakesATable() throws {
    let run = try TrainedRun.shared.get().path
    for (name, more) in [("plain", []), ("tuned", ["--tuning", try table(strategy: "reference")])] {
      let outcome = try SegfedProcess.run(
        ["predict", "--model", run, "--input", sites.data, "--output", folder.file(name), "--quiet"] + more)
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    let foreign = try SegfedProcess.run(
      "predict", "--model", run, "--input", sites.data, "--output", folder.file("none"), "--tuning",
      try table(strategy: "gather", channels: 5))
    Refusal.check(foreign, names: folder.file("gather.yaml"), says: ["none of this network's convolutions"])
  }

  @Test func tuneWritesWhatARunTakes() throws {
    let path = folder.file("made.yaml")
    let arguments = [
      "benchmark", "--plan", sites.plan, "--tune", "--output", path, "--repetitions", "1", "--quiet",
      "--json",
    ]
    let made = try SegfedProcess.run(arguments)
    #expect(made.code == 0, "\(made.errors)")
    let rows = try #require(try made.json()["convolutions"] as? [[String: Any]])
    // Batch 1: the sliding window's shapes are training's. Four convolutions, the first without input gradient.
    #expect(rows.count == 11)
    for row in rows {
      let times = try #require(row["strategies"] as? [[String: Any]])
      #expect(times.count >= 1 && times.allSatisfy { ($0["ms"] as? Double ?? 0) > 0 })
      #expect(times.contains { $0["strategy"] as? String == row["fastest"] as? String })
      #expect(!times.contains { $0["strategy"] as? String == "reference" })
    }
    Refusal.check(try SegfedProcess.run(arguments), names: path, says: ["already exists"])
    #expect(try SegfedProcess.run(arguments + ["--force"]).code == 0)
    let explained = try SegfedProcess.run(
      "benchmark", "--plan", sites.plan, "--tuning", path, "--explain", "--json")
    let digest = try #require(try explained.json()["tuning_digest"] as? String)
    let networks = try #require(try explained.json()["networks"] as? [[String: Any]])
    let choices = try #require(networks.first?["convolutions"] as? [[String: Any]])
    #expect(choices.allSatisfy { $0["reason"] as? String == "table" })
    let run = try sites.train(output: folder.file("run"), "--tuning", path, "--quiet")
    #expect(run.code == 0, "\(run.errors)")
    #expect(Digest.sha256Hex(try bytes("run/tuning.yaml")) == digest)
  }

  @Test func losoKeepsTheTableToo() throws {
    let path = try table(strategy: "reference")
    let outcome = try SegfedProcess.run(
      "loso", "--data", sites.data, "--output", folder.file("loso"), "--plan", sites.plan, "--tuning", path,
      "--quiet")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try bytes("loso/tuning.yaml") == bytes("loso/folds/birch/tuning.yaml"))
    #expect(String(decoding: try bytes("loso/config.yaml"), as: UTF8.self).contains("tuning_digest: "))
  }

  // MARK: - Refusals
  @Test func tableIsRefusedBeforeTheRun() throws {
    let other = try Self.kernels.get() == "portable" ? "avx2" : "portable"
    let cases = [
      (try table(strategy: "direct", kernels: other), ["kernels", other]),
      (try table(strategy: "gather", channels: 5), ["none of this network's convolutions"]),
      (try table(strategy: "winograd:1x4x4"), ["entries, 1, strategy", "winograd:1x4x4"]),
      (try folder.write(Data("widths: [4, 8\n".utf8), "broken.yaml"), ["is not a tuning table"]),
      (folder.file("missing.yaml"), ["no such file"]),
    ]
    for (path, says) in cases {
      for command in ["train", "loso"] {
        let outcome = try SegfedProcess.run(
          command, "--data", sites.data, "--output", folder.file("run"), "--plan", sites.plan, "--tuning",
          path,
          "--quiet")
        Refusal.check(outcome, names: path, says: says)
        #expect(!Refusal.exists(folder.file("run")))
      }
      let outcome = try SegfedProcess.run("benchmark", "--plan", sites.plan, "--tuning", path, "--quiet")
      Refusal.check(outcome, names: path, says: says)
    }
  }

  @Test func tableCannotBeWritten() throws {
    let outcome = try SegfedProcess.run(
      "benchmark", "--plan", sites.plan, "--tune", "--output", "/proc/segfed/tuning.yaml", "--quiet")
    Refusal.check(outcome, names: "/proc/segfed/tuning.yaml", says: ["cannot be written"])
  }
}
