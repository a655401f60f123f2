import Foundation
import TestSupport
import Testing

/// `segfed study`, and `--study` of what trains and evaluates.
struct StudyCommandTests {
  private let folder: TemporaryFolder
  private let data: String
  private var study: String { folder.file("study.yaml") }

  init() throws {
    folder = try TemporaryFolder()
    data = try TinySites.shared.get().copy(to: folder)
    _ = try folder.write(Data(TinySites.planText(rounds: 2).utf8), "plan.yaml")
    let outcome = try SegfedProcess.run(
      "study", "init", "--data", data, "--plan", folder.file("plan.yaml"), "--output", study, "--quiet")
    try #require(outcome.code == 0, "\(outcome.errors)")
    for site in ["birch", "hazel"] {
      let rows = (1...3).map { "\(site)-00\($0)\t\(40 + 10 * $0)\n" }
      try Data(("participant_id\tage\n" + rows.joined()).utf8).write(
        to: URL(fileURLWithPath: "\(data)/\(site)/participants.tsv"))
    }
  }

  private func edit(_ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: study, encoding: .utf8)
    try #require(text.contains(old))
    try Data(text.replacing(old, with: new).utf8).write(to: URL(fileURLWithPath: study))
  }

  private func lock(_ more: String...) throws -> String {
    let outcome = try SegfedProcess.run(["study", "lock", study, "--json"] + more)
    try #require(outcome.code == 0, "\(outcome.errors)")
    return try #require(try outcome.json()["sha256"] as? String)
  }

  private func train(_ output: String, _ more: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(
      ["train", "--study", study, "--data", data, "--output", folder.file(output), "--quiet"] + more)
  }

  @Test func whatInitWritesEverySiteMeets() throws {
    let outcome = try SegfedProcess.run("study", "check", study, "--data", data, "--quiet")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("every site meets every definition"))
    #expect(outcome.output.contains("not: has a label map"))
    // It is not written over.
    Refusal.check(
      try SegfedProcess.run("study", "init", "--data", data, "--output", study, "--quiet"), names: study)
  }

  @Test func aRunCarriesItsStudy() throws {
    Refusal.check(try train("run"), names: study, says: ["not locked", "segfed study lock"])
    let digest = try lock()
    let outcome = try train("run")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let metrics = try String(contentsOfFile: folder.file("run/metrics.json"), encoding: .utf8)
    #expect(metrics.contains("\"study_sha256\": \"\(digest)\""))
    let configuration = try String(contentsOfFile: folder.file("run/config.yaml"), encoding: .utf8)
    #expect(configuration.contains(digest))
    for model in ["coordinator", "sites/birch", "sites/hazel"] {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("run/\(model)/model.safetensors")))
      #expect(bytes.range(of: Data(digest.utf8)) != nil, "\(model)")
    }
    #expect(try SegfedProcess.run("verify", folder.file("run"), "--quiet").code == 0)
    // Changed behind the lock: the field is named, nothing is trained.
    try edit("rounds: 2", "rounds: 3")
    Refusal.check(
      try train("other"), names: study, says: ["training, rounds: found 3, locked 2"])
    #expect(!Refusal.exists(folder.file("other")))
    // Another study: its models are not this one's.
    _ = try lock("--force")
    try TinySites.freshen(data)
    let scores = ["--data", data, "--output", folder.file("scores"), "--quiet"]
    Refusal.check(
      try SegfedProcess.run(["evaluate", "--model", folder.file("run"), "--study", study] + scores),
      names: "model.safetensors", says: ["found the study \(digest.prefix(12))…"])
    try edit("rounds: 3", "rounds: 2")
    _ = try lock("--force")
    let evaluation = try SegfedProcess.run(
      ["evaluate", "--model", folder.file("run"), "--study", study] + scores)
    #expect(evaluation.code == 0, "\(evaluation.errors)")
    #expect(
      try String(contentsOfFile: folder.file("scores/metrics.json"), encoding: .utf8).contains(digest))
  }

  @Test func excludedCasesAreListedAtTheirSiteAlone() throws {
    try edit("  rules:", "  rules:\n    - {name: younger, where: age < 70}")
    try edit("split: {validation: 0.2, test: 0.2}", "split: {validation: 0, test: 0.3}")
    _ = try lock()
    let outcome = try train("run")
    #expect(outcome.code == 0, "\(outcome.errors)")
    func text(_ name: String) throws -> String {
      try String(contentsOfFile: folder.file("run/" + name), encoding: .utf8)
    }
    #expect(try text("sites/birch/excluded.csv") == "case,rule\r\nbirch-003,younger\r\n")
    #expect(try text("sites/birch/cases.csv").contains("birch-002"))
    #expect(!(try text("sites/birch/cases.csv")).contains("birch-003"))
    #expect(try text("coordinator/cohort.csv").contains("birch,,<5,<5,<5"))
    #expect(!(try text("coordinator/cohort.csv")).contains("birch-00"))
    // Repeated, the run leaves the same out.
    #expect(try SegfedProcess.run("verify", folder.file("run"), "--quiet").code == 0)
    try edit("age < 70", "age < 7")
    _ = try lock("--force")
    Refusal.check(
      try train("empty"), names: study, says: ["birch: cohort: found no case that meets every rule"])
  }

  @Test func reportsOfSitesApartAreCompared() throws {
    var reports: [String] = []
    for site in ["birch", "hazel"] {
      let outcome = try SegfedProcess.run(
        "study", "check", study, "--data", "\(data)/\(site)", "--json", "--quiet", "--min-cell", "1")
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(!outcome.output.contains("-00"))
      reports.append(try folder.write(Data(outcome.output.utf8), site + ".json"))
    }
    let both = try SegfedProcess.run(["study", "check", study, "--reports"] + reports)
    #expect(both.code == 0, "\(both.errors)")
    #expect(both.output.contains("birch") && both.output.contains("hazel"))
    Refusal.check(
      try SegfedProcess.run(["study", "check", study, "--reports", reports[0], reports[0]]), names: "birch",
      says: ["each site once"])
    Refusal.check(
      try SegfedProcess.run(["study", "check", study, "--reports", study]), names: study, says: ["no report"])
    try edit("rounds: 2", "rounds: 3")
    Refusal.check(
      try SegfedProcess.run(["study", "check", study, "--reports"] + reports), names: reports[0],
      says: ["is a report on the study"])
  }

  @Test func everySeedOfAStudyIsRun() throws {
    try edit("seeds: [1]", "seeds: [3, 4]")
    _ = try lock()
    let outcome = try train("run")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("standard deviation over the seeds 3, 4"))
    #expect(Refusal.exists(folder.file("run/seed-4/metrics.json")))
    Refusal.check(try train("one", "--seed", "1"), names: "--seed", says: ["found 1, expected one of 3, 4"])
    #expect(try train("one", "--seed", "4").code == 0)
    for name in ["coordinator/model.safetensors", "sites/birch/metrics.csv"] {
      #expect(
        FileManager.default.contents(atPath: folder.file("run/seed-4/" + name))
          == FileManager.default.contents(atPath: folder.file("one/" + name)))
    }
    for option in [["--rounds", "3"], ["--strategy", "median"], ["--codec", "int8"], ["--plan", "tiny"]] {
      Refusal.checkUsage(
        try SegfedProcess.run(
          ["train", "--study", study, "--data", data, "--output", folder.file("x")] + option),
        says: ["\(option[0]) and --study exclude each other"])
    }
  }

  @Test func gridsFollowAStudy() throws {
    try edit("seeds: [1]", "seeds: [3, 4]")
    _ = try lock()
    let fresh = folder.file("fresh")
    try FileManager.default.copyItem(atPath: data, toPath: fresh)
    try TinySites.freshen(fresh)
    func sweep(_ more: String) throws -> SegfedProcess.Outcome {
      let text = "schema_version: 1\ndata: data\ntest: fresh\nstudy: study.yaml\n\(more)\n"
      return try SegfedProcess.run(
        "sweep", folder.write(Data(text.utf8), "sweep.yaml"), "--output", folder.file("sweep"), "--quiet",
        "--keep-runs")
    }
    for (text, says) in [
      ("seeds: [3, 5]\ngrid: {}", "found 5, expected one of 3, 4"),
      ("seeds: [3]\ngrid: {strategy: [median]}", "grid.strategy: found a field that the study says"),
      ("seeds: [3]\nrounds: 4\ngrid: {}", "rounds: found a field that the study says"),
      ("seeds: [3]\nplan: tiny\ngrid: {}", "plan: found study too"),
    ] {
      Refusal.check(try sweep(text), names: ".yaml", says: [says])
    }
    let outcome = try sweep("seeds: [3, 4]\ngrid: {mode: [federated, local]}")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("local") && outcome.output.contains("±"))
    let runs = try FileManager.default.contentsOfDirectory(atPath: folder.file("sweep/runs"))
    #expect(runs.count == 4)
    let digest = try LockedDigest.read(study)
    for run in runs {
      #expect(
        try String(contentsOfFile: folder.file("sweep/runs/\(run)/config.yaml"), encoding: .utf8).contains(
          digest))
    }
  }

  /// A site that takes part in a study serves no other run, and one that does not, none of the study.
  @Test func sitesApartAgreeOnTheStudy() throws {
    _ = try lock()
    func coordinator() throws -> SegfedProcess {
      try SegfedProcess([
        "train", "--transport", "folder:" + folder.file("drive"), "--site-names", "birch,hazel", "--study",
        study, "--output", folder.file("apart"), "--quiet", "--force",
      ])
    }
    func site(_ name: String, _ more: [String]) throws -> SegfedProcess {
      let drive = folder.file("drive/\(name)")
      return try SegfedProcess(
        [
          "site", "--data", "\(data)/\(name)", "--inbox", drive + "/inbox", "--outbox", drive + "/outbox",
          "--output", folder.file("at-\(name)"), "--quiet",
        ] + more)
    }
    let run = try coordinator()
    Refusal.check(try site("hazel", []).wait(), names: "run.json", says: ["study_sha256", "give --study"])
    let sites = [try site("birch", ["--study", study]), try site("hazel", ["--study", study])]
    let outcome = try run.wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    for site in sites { #expect(try site.wait().code == 0) }
    #expect(Refusal.exists(folder.file("at-birch/sites/birch/excluded.csv")))
    // The same bits as in one process.
    #expect(try train("together").code == 0)
    #expect(
      FileManager.default.contents(atPath: folder.file("apart/coordinator/model.safetensors"))
        == FileManager.default.contents(atPath: folder.file("together/coordinator/model.safetensors")))
  }
}

private enum LockedDigest {
  static func read(_ study: String) throws -> String {
    let lock = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: study + ".lock")))
    return try #require((lock as? [String: Any])?["sha256"] as? String)
  }
}
