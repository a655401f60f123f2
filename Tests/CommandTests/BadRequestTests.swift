import Foundation
import TestSupport
import Testing

/// Plans, folders and flags that cannot be used.
@Suite struct BadRequestTests {
  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
  }

  // MARK: - Plans
  struct BadPlan: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let says: [String]
  }

  static let plans = [
    BadPlan(
      testDescription: "too deep for its patch", text: TinySites.planText(widths: [4, 8, 8, 8, 8]),
      says: ["patch", "5 stages", "multiple of 16", "at least 32"]),
    BadPlan(
      testDescription: "patch that no stride divides", text: TinySites.planText(patch: [16, 18, 15]),
      says: ["patch", "15", "multiple of 2"]),
    BadPlan(
      testDescription: "unknown key", text: TinySites.planText(more: "learningrate: 1"),
      says: ["unknown key learningrate", "rounds"]),
    BadPlan(
      testDescription: "unknown key below a key",
      text: TinySites.planText().replacingOccurrences(
        of: "validation: 0.2", with: "validation: 0.2, tset: 0.1"),
      says: ["unknown key", "split, tset"]),
    BadPlan(testDescription: "broken YAML", text: "widths: [4, 8\nrounds: {", says: ["not YAML"]),
    BadPlan(testDescription: "empty", text: "", says: ["no mapping"]),
    BadPlan(testDescription: "binary", text: "\u{1}\u{2}\u{0}", says: ["is not a plan"]),
    BadPlan(
      testDescription: "missing key",
      text: TinySites.planText().replacingOccurrences(of: "local_steps: 1\n", with: ""),
      says: ["local_steps is missing"]),
    BadPlan(
      testDescription: "word for a number",
      text: TinySites.planText().replacingOccurrences(of: "batch: 1", with: "batch: many"), says: ["batch"]),
    BadPlan(
      testDescription: "no rounds", text: TinySites.planText(rounds: 0), says: ["rounds", "found 0"]),
    BadPlan(
      testDescription: "learning rate that is no number",
      text: TinySites.planText().replacingOccurrences(of: "0.003", with: ".nan"), says: ["learning_rate"]),
    BadPlan(
      testDescription: "newer schema",
      text: TinySites.planText().replacingOccurrences(of: "schema_version: 1", with: "schema_version: 9"),
      says: ["schema_version", "found 9", "expected 1 to 2"]),
    BadPlan(
      testDescription: "contrast that the data lacks", text: TinySites.planText(more: "contrasts: [t1, adc]"),
      says: ["contrasts", "t1, t1ce, t2, flair", "adc"]),
    BadPlan(
      testDescription: "2D patch for 3D scans without depth", text: TinySites.planText(patch: [16, 16, 0]),
      says: ["patch"]),
    BadPlan(
      testDescription: "more memory than there is", text: TinySites.planText(patch: [4096, 4096, 4096]),
      says: ["patch", "GB"]),
  ]

  @Test(arguments: plans) func planIsRefused(plan: BadPlan) throws {
    let file = try folder.write(Data(plan.text.utf8), "bad.yaml")
    let outcome = try SegfedProcess.run(
      "train", "--data", sites.data, "--output", folder.file("run"), "--plan", file, "--quiet")
    Refusal.check(outcome, names: file, says: plan.says)
    #expect(!Refusal.exists(folder.file("run")))
  }

  @Test func planIsMissing() throws {
    let file = folder.file("none.yaml")
    let outcome = try SegfedProcess.run(
      "train", "--data", sites.data, "--output", folder.file("run"), "--plan", file, "--quiet")
    Refusal.check(outcome, names: file)
  }

  // MARK: - Output folders
  /// Also for the superuser: below a file, in a file system that takes none.
  @Test(arguments: ["file/run", "/proc/segfed-run", "/dev/null/run"]) func outputCannotBeWritten(path: String)
    throws
  {
    _ = try folder.write(Data("text".utf8), "file")
    let output = path.hasPrefix("/") ? path : folder.file(path)
    for command in ["train", "loso"] {
      let outcome = try SegfedProcess.run(
        command, "--data", sites.data, "--output", output, "--plan", sites.plan, "--quiet")
      Refusal.check(outcome, names: output, says: ["cannot be written"])
    }
    let outcome = try SegfedProcess.run("simulate", "--output", output, "--cases", "1", "--quiet")
    Refusal.check(outcome, names: output, says: ["cannot be written"])
  }

  /// A file system of 16 KiB: the folder can be made, a model does not fit.
  @Test func outputIsFull() throws {
    let mount = try folder.folder("full")
    let tool = Process()
    tool.executableURL = URL(fileURLWithPath: "/bin/mount")
    tool.arguments = ["-t", "tmpfs", "-o", "size=16k", "none", mount]
    tool.standardError = FileHandle.nullDevice
    try tool.run()
    tool.waitUntilExit()
    guard tool.terminationStatus == 0 else {
      print("skipped: mounting a small file system is not allowed here")
      return
    }
    defer {
      let tool = Process()
      tool.executableURL = URL(fileURLWithPath: "/bin/umount")
      tool.arguments = [mount]
      try? tool.run()
      tool.waitUntilExit()
    }
    let outcome = try SegfedProcess.run(
      "train", "--data", sites.data, "--output", mount + "/run", "--plan", sites.plan, "--quiet")
    Refusal.check(outcome, names: mount + "/run", says: ["cannot be written"])
    #expect(!Refusal.exists(mount + "/run"))
  }

  @Test func outputExists() throws {
    let run = try folder.folder("run")
    let note = try folder.write(Data("mine".utf8), "run/note.txt")
    for command in ["train", "loso"] {
      var outcome = try SegfedProcess.run(
        command, "--data", sites.data, "--output", run, "--plan", sites.plan, "--quiet")
      Refusal.check(outcome, names: run, says: ["already exists", "--force"])
      outcome = try SegfedProcess.run(
        command, "--data", sites.data, "--output", run, "--plan", sites.plan, "--quiet", "--force")
      Refusal.check(outcome, names: run, says: ["not a run folder"])
    }
    #expect(try String(contentsOfFile: note, encoding: .utf8) == "mine")
    #expect(try FileManager.default.contentsOfDirectory(atPath: run) == ["note.txt"])
  }

  /// A refused run leaves the earlier one as it was, also with `--force`.
  @Test func earlierRunStays() throws {
    let run = folder.file("run")
    #expect(try sites.train(output: run, "--quiet").code == 0)
    let before = try Data(contentsOf: URL(fileURLWithPath: run + "/metrics.json"))
    let plan = try folder.write(Data(TinySites.planText(widths: [4, 8, 8, 8, 8]).utf8), "bad.yaml")
    let outcome = try SegfedProcess.run(
      "train", "--data", sites.data, "--output", run, "--plan", plan, "--force", "--quiet")
    Refusal.check(outcome, names: plan)
    #expect(try Data(contentsOf: URL(fileURLWithPath: run + "/metrics.json")) == before)
    #expect(try sites.train(output: run, "--quiet", "--force").code == 0)
  }

  // MARK: - Sites and models
  @Test func siteIsNotKnown() throws {
    let outcome = try sites.train(output: folder.file("run"), "--hold-out-site", "nowhere", "--quiet")
    Refusal.check(outcome, names: sites.data, says: ["nowhere", "birch, hazel"])
    #expect(!Refusal.exists(folder.file("run")))
  }

  @Test func oneSiteCannotBeLeftOut() throws {
    for arguments in [["loso"], ["train", "--hold-out-site", "birch"]] {
      let outcome = try SegfedProcess.run(
        arguments + [
          "--data", sites.data + "/birch", "--output", folder.file("run"), "--plan", sites.plan, "--quiet",
        ])
      Refusal.check(outcome, names: sites.data + "/birch", says: ["found 1 site", "at least 2"])
    }
    #expect(!Refusal.exists(folder.file("run")))
  }

  @Test func bestRoundWithoutValidation() throws {
    let text = TinySites.planText().replacingOccurrences(of: "validation: 0.2", with: "validation: 0")
    let plan = try folder.write(Data(text.utf8), "plan.yaml")
    for command in ["train", "loso"] {
      let outcome = try SegfedProcess.run(
        command, "--data", sites.data, "--output", folder.file("run"), "--plan", plan, "--model-choice",
        "best-validation", "--quiet")
      Refusal.check(outcome, names: "No site holds validation cases")
      #expect(!Refusal.exists(folder.file("run")))
    }
  }

  @Test func initialModelIsAnotherNetwork() throws {
    let run = folder.file("first")
    #expect(try sites.train(output: run, "--quiet").code == 0)
    let plan = try folder.write(Data(TinySites.planText(widths: [8, 8]).utf8), "wide.yaml")
    for command in ["train", "loso"] {
      let outcome = try SegfedProcess.run(
        command, "--data", sites.data, "--output", folder.file("run"), "--plan", plan, "--init", run,
        "--quiet")
      Refusal.check(
        outcome, names: run + "/coordinator/model.safetensors", says: ["widths 4, 8", "widths 8, 8"])
      #expect(!Refusal.exists(folder.file("run")))
    }
  }

  /// Nothing is begun of a study whose folds are one site short of what the strategy needs.
  @Test func strategyNeedsMoreSites() throws {
    for command in ["train", "loso"] {
      let outcome = try SegfedProcess.run(
        command, "--data", sites.data, "--output", folder.file("run"), "--plan", sites.plan, "--strategy",
        "krum", "--quiet")
      Refusal.check(
        outcome, names: "Strategy krum", says: [command == "loso" ? "1 site" : "2 sites", "expected 5"])
      #expect(!Refusal.exists(folder.file("run")))
    }
  }

  @Test(
    arguments: [
      (["--codec", "int3"], "Codec int3 is not known", ["segfed codecs"]),
      (["--codec", "topk"], "Codec topk:fraction=0.01", ["Write delta+topk:fraction=0.01"]),
      (["--codec", "int8+delta"], "Codec int8+delta", ["expected it behind"]),
      (["--codec-up", "topk:share=0.1"], "Codec topk", ["no parameter share"]),
      (
        ["--codec-up", "sign", "--strategy", "scaffold:allow-momentum=1"], "Strategy scaffold",
        ["control variates"]
      ),
      (["--codec", "delta+int8", "--strategy", "cyclic"], "Strategy cyclic", ["expected none"]),
    ]) func codecsThatMakeNoSense(arguments: [String], names: String, says: [String]) throws
  {
    let outcome = try SegfedProcess.run(
      ["train", "--data", sites.data, "--output", folder.file("run"), "--plan", sites.plan, "--quiet"]
        + arguments)
    Refusal.check(outcome, names: names, says: says)
    #expect(!Refusal.exists(folder.file("run")))
  }

  // MARK: - Flags
  @Test(
    arguments: [
      (["train", "--threads", "0"], "--threads: found 0"), (["train", "--treads", "2"], "--treads"),
      (["train", "--rounds", "0"], "--rounds: found 0"), (["train", "--rounds", "many"], "many"),
      (["train", "--local-steps", "0"], "--local-steps: found 0"),
      (["train", "--local-steps", "2", "--local-epochs", "2"], "exclude each other"),
      (["train", "--mode", "pooled"], "pooled"), (["train", "--seed", "-1"], "--seed"),
      (["train", "--mode", "local", "--hold-out-site", "birch"], "exclude each other"),
      (["loso", "--mode", "local"], "local"),
      (["train", "--convention", "mine"], "--convention: found mine, expected one of monai"),
      (["loso", "--surface-tolerance", "nan"], "--surface-tolerance: found nan"),
    ]) func trainingFlag(arguments: [String], says: String) throws
  {
    let run = folder.file("run")
    let outcome = try SegfedProcess.run(
      arguments + ["--data", sites.data, "--output", run])
    Refusal.checkUsage(outcome, says: [says])
    #expect(!Refusal.exists(run))
  }

  @Test(
    arguments: [
      (["train", "--output", "run"], "--data"), (["train", "--data", "data"], "--output"),
      (["loso", "--output", "run"], "--data"), (["predict", "--model", "run"], "--input"),
      (["evaluate", "--data", "data", "--output", "scores"], "--predictions"),
      (["evaluate", "--data", "d", "--output", "s", "--model", "m", "--predictions", "p"], "either"),
      (["evaluate", "--data", "d", "--output", "s", "--model", "m", "--lesion-rules", "mars"], "mars"),
      (
        [
          "evaluate", "--data", "d", "--output", "s", "--model", "m", "--convention", "monai",
          "--lesion-rules",
          "glioma",
        ], "found --convention monai, expected brats2023 or brats2025"
      ),
      (["simulate"], "--output"), (["simulate", "--output", "data", "--profile", "mars"], "mars"),
      (["simulate", "--output", "data", "--cases", "0"], "--cases"),
      (["simulate", "--output", "data", "--scale", "nan"], "--scale"), (["dream"], "dream"),
    ]) func usage(arguments: [String], says: String) throws
  {
    Refusal.checkUsage(try SegfedProcess.run(arguments), says: [says])
  }
}
