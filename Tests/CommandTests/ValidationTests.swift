import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

/// Validation schemes and comparisons: `kfold`, `--seeds`, `matrix`, `compare`, `time`.
struct ValidationTests {
  private let folder: TemporaryFolder
  private let data: String
  private let plan: String

  init() throws {
    folder = try TemporaryFolder()
    data = try TinySites.shared.get().data
    plan = try folder.write(Data(TinySites.planText(rounds: 2).utf8), "plan.yaml")
  }

  private func run(_ command: String, _ output: String, _ more: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(
      [command, "--data", data, "--plan", plan, "--output", folder.file(output), "--quiet"] + more)
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder.file(name), encoding: .utf8)
  }

  @Test func everyCaseIsTestedOnceByAModelThatNeverSawIt() throws {
    let outcome = try run("kfold", "kfold", "--folds", "3")
    #expect(outcome.code == 0, "\(outcome.errors)")
    for site in ["birch", "hazel"] {
      var tested: [String] = []
      for fold in 1...3 {
        let rows = try text("kfold/folds/fold-\(fold)/sites/\(site)/cases.csv").split(
          whereSeparator: \.isNewline
        )
        .dropFirst()
        tested += rows.filter { $0.contains(",test,") }.map { String($0.prefix { $0 != "," }) }
        #expect(rows.contains { $0.contains(",training,") })
      }
      #expect(tested.sorted() == (1...3).map { "\(site)-00\($0)" })
    }
    #expect(try text("kfold/kfold.csv").contains("birch,3,"))
    #expect(outcome.output.contains("mean over cases      6"))
    Refusal.check(
      try run("kfold", "more", "--folds", "4"), names: "birch", says: ["found 3 cases, expected at least 4"])
    #expect(!Refusal.exists(folder.file("more")))
    try FileManager.default.moveItem(
      atPath: folder.file("kfold/kfold.json"), toPath: folder.file("kept.json"))
    Refusal.check(
      try run("kfold", "kfold", "--folds", "2", "--resume"), names: "fold-1/config.yaml",
      says: ["fold is 1 of 3", "1 of 2"])
    try FileManager.default.moveItem(
      atPath: folder.file("kept.json"), toPath: folder.file("kfold/kfold.json"))
    // A fold of which nothing is whole any more is run again, to the same bits.
    let whole = try text("kfold/kfold.json")
    let model = FileManager.default.contents(
      atPath: folder.file("kfold/folds/fold-2/coordinator/model.safetensors"))
    for name in ["kfold.json", "folds/fold-2/metrics.json"] {
      try FileManager.default.removeItem(atPath: folder.file("kfold/" + name))
    }
    let again = try run("kfold", "kfold", "--folds", "3", "--resume")
    #expect(again.code == 0, "\(again.errors)")
    #expect(try text("kfold/kfold.json") == whole)
    #expect(
      FileManager.default.contents(atPath: folder.file("kfold/folds/fold-2/coordinator/model.safetensors"))
        == model)
  }

  @Test(arguments: ["journal", "chain", "gone", "metrics", "whole study"]) func aDamagedFoldIsNamed(
    what: String
  ) throws {
    #expect(try run("loso", "loso").code == 0)
    if what != "whole study" { try FileManager.default.removeItem(atPath: folder.file("loso/loso.json")) }
    let journal = folder.file("loso/folds/hazel/coordinator/rounds.jsonl")
    let lines = try String(contentsOfFile: journal, encoding: .utf8)
    switch what {
    case "journal": try Data(lines.prefix(lines.count / 2).utf8).write(to: URL(fileURLWithPath: journal))
    case "chain":
      try Data(lines.replacing("\"steps\":1", with: "\"steps\":2").utf8).write(
        to: URL(fileURLWithPath: journal))
    case "gone": try FileManager.default.removeItem(atPath: journal)
    default: _ = try folder.write(Data("{\"schema_version\": ".utf8), "loso/folds/hazel/metrics.json")
    }
    let file = ["metrics", "whole study"].contains(what) ? "metrics.json" : "rounds.jsonl"
    Refusal.check(
      try run("loso", "loso", "--resume"), names: "folds/hazel", says: [file, "Remove the folder"])
  }

  /// Files that are no scans stop nothing before the last round is over: nothing has read them. Put right, the run is brought to its end.
  @Test(arguments: ["federated", "centralised", "local"]) func aFrozenTestIsReadAtTheEnd(mode: String) throws
  {
    let fresh = folder.file("fresh")
    try FileManager.default.copyItem(atPath: data, toPath: fresh)
    try TinySites.freshen(fresh)
    let options = ["--mode", mode, "--test", fresh]
    func train(_ output: String, _ more: String...) throws -> SegfedProcess.Outcome {
      try SegfedProcess.run(
        ["train", "--data", data, "--plan", plan, "--output", folder.file(output), "--quiet"] + options + more
      )
    }
    let whole = try train("whole")
    #expect(whole.code == 0, "\(whole.errors)")
    #expect(whole.output.contains("mean over cases      6"))
    try FileManager.default.moveItem(atPath: fresh, toPath: folder.file("kept"))
    for file in FileManager.default.subpaths(atPath: folder.file("kept")) ?? [] {
      let isFile = !Folder.exists(folder.file("kept/" + file))
      if isFile {
        _ = try folder.write(Data("no scan".utf8), "fresh/" + file)
      } else {
        _ = try folder.folder("fresh/" + file)
      }
    }
    let early = try train("late")
    Refusal.check(early, names: folder.file("fresh"), says: ["not gzip data"])
    let journal = mode == "local" ? "sites/birch/rounds.jsonl" : "coordinator/rounds.jsonl"
    #expect(try text("late/" + journal).contains("\"round\":2"))
    #expect(!Refusal.exists(folder.file("late/metrics.json")))
    try FileManager.default.removeItem(atPath: fresh)
    try FileManager.default.moveItem(atPath: folder.file("kept"), toPath: fresh)
    let late = try train("late", "--resume")
    #expect(late.code == 0, "\(late.errors)")
    #expect(try text("late/metrics.csv") == text("whole/metrics.csv"))
    #expect(try text("late/sites/birch/metrics.csv") == text("whole/sites/birch/metrics.csv"))
    // The model is the same as with other test cases, or none: nothing was chosen by them.
    let other = folder.file("other")
    try FileManager.default.copyItem(
      atPath: data + "/birch/birch-001", toPath: try folder.folder("other/birch") + "/new")
    for name in try FileManager.default.contentsOfDirectory(atPath: other + "/birch/new") {
      try FileManager.default.moveItem(
        atPath: other + "/birch/new/" + name,
        toPath: other + "/birch/new/" + name.replacing("birch-001", with: "new"))
    }
    func trainCopy() throws -> SegfedProcess.Outcome {
      try SegfedProcess.run(
        [
          "train", "--data", data, "--plan", plan, "--output", folder.file("copy"), "--quiet", "--mode", mode,
          "--test", other,
        ])
    }
    Refusal.check(try trainCopy(), names: "birch/birch-001 (training)", says: ["birch/new (test)"])
    #expect(!Refusal.exists(folder.file("copy")))
    // Written anew it holds the same in other bytes: that is found when it is read.
    let scan = other + "/birch/new/new_t1.nii"
    try NIfTI.write(
      NIfTI.readVolume(scan + ".gz"), to: scan, options: NIfTIWriteOptions(dataType: .float32))
    try FileManager.default.removeItem(atPath: scan + ".gz")
    Refusal.check(try trainCopy(), names: "birch/birch-001 (training)", says: ["birch/new (test)"])
    let model = mode == "local" ? "sites/birch/model.safetensors" : "coordinator/model.safetensors"
    #expect(
      FileManager.default.contents(atPath: folder.file("copy/" + model))
        == FileManager.default.contents(atPath: folder.file("whole/" + model)))
    let same = try SegfedProcess.run(
      [
        "train", "--data", data, "--plan", plan, "--output", folder.file("same"), "--quiet", "--mode", mode,
        "--test", data,
      ])
    Refusal.check(same, names: "birch/birch-001 (training)", says: ["birch/birch-001 (test)"])
    #expect(!Refusal.exists(folder.file("same")))
  }

  @Test func seedsAreRunSideBySide() throws {
    let outcome = try run("train", "seeds", "--seeds", "2")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("±"))
    #expect(try run("train", "two", "--seed", "2").code == 0)
    #expect(
      FileManager.default.contents(atPath: folder.file("seeds/seed-2/coordinator/model.safetensors"))
        == FileManager.default.contents(atPath: folder.file("two/coordinator/model.safetensors")))
    // What is whole is taken as it is.
    let whole = try text("seeds/seeds.json")
    try FileManager.default.removeItem(atPath: folder.file("seeds/seeds.json"))
    #expect(try run("train", "seeds", "--seeds", "2", "--resume").code == 0)
    #expect(try text("seeds/seeds.json") == whole)
    // Other settings are not those of what is whole; more seeds are added to it.
    Refusal.check(
      try run("train", "seeds", "--seeds", "3", "--resume", "--rounds", "3"), names: "seed-1/config.yaml",
      says: ["rounds"])
    #expect(try run("train", "seeds", "--seeds", "3", "--resume").code == 0)
    #expect(try text("seeds/seeds.csv").contains("\n3,hazel,"))
    Refusal.check(try run("train", "seeds", "--seeds", "2"), names: folder.file("seeds"))
    Refusal.checkUsage(try run("train", "x", "--seeds", "2", "--seed", "1"), says: ["--seed and --seeds"])
    #expect(try run("loso", "loso", "--seeds", "2").code == 0)
    #expect(Refusal.exists(folder.file("loso/seed-2/loso.json")))
  }

  @Test func eachModelIsScoredAtEachSite() throws {
    #expect(try run("train", "alone", "--mode", "local").code == 0)
    let outcome = try SegfedProcess.run(
      "matrix", "--model", folder.file("alone"), "--data", data, "--output", folder.file("matrix"), "--quiet")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let rows = try text("matrix/matrix.csv").split(whereSeparator: \.isNewline).dropFirst().map {
      $0.split(separator: ",")
    }
    #expect(rows.map { "\($0[0]) \($0[1])" } == ["birch birch", "birch hazel", "hazel birch", "hazel hazel"])
    #expect(outcome.output.contains("Left out: 4 cases"))
    // On the diagonal stands what the run itself was tested with.
    let own = try text("alone/metrics.csv").split(whereSeparator: \.isNewline)[1].split(separator: ",")
    #expect(own[0] == "birch" && own[3] == rows[0][3])
    // Scored on what they were trained on models look better than they are.
    Refusal.check(
      try SegfedProcess.run(
        "evaluate", "--model", folder.file("alone"), "--data", data, "--output", folder.file("scores"),
        "--quiet"),
      names: "birch/birch-00", says: ["(training)", "(test)", "--allow-duplicates"])
    let fresh = folder.file("fresh")
    try FileManager.default.copyItem(atPath: data, toPath: fresh)
    try TinySites.freshen(fresh)
    let all = try SegfedProcess.run(
      "matrix", "--model", folder.file("alone"), "--data", fresh, "--output", folder.file("all"), "--json")
    #expect(try all.json()["left_out"] as? Int == 0)
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func comparisonsAgreeWithSciPy() throws {
    #expect(try run("kfold", "one", "--folds", "3").code == 0)
    #expect(try run("kfold", "two", "--folds", "3", "--seed", "2").code == 0)
    let outcome = try SegfedProcess.run(
      "compare", folder.file("one"), folder.file("two"), "--json", "--output", folder.file("compared"))
    #expect(outcome.code == 0, "\(outcome.errors)")
    let verdict = try PythonReference.run(
      script: "comparison_reference.py", arguments: [folder.file("one"), folder.file("two")],
      input: Data(outcome.output.utf8))
    #expect(String(decoding: verdict, as: UTF8.self) == "equal\n")
    #expect(try run("train", "run").code == 0)
    Refusal.check(
      try SegfedProcess.run("compare", folder.file("one"), folder.file("run")), names: folder.file("run"),
      says: ["cases at birch", "same cases"])
    Refusal.check(
      try SegfedProcess.run("compare", data), names: data, says: ["no sites/<name>/metrics.csv"])
  }

  @Test func timesAreSimulatedAndSaySo() throws {
    #expect(try run("train", "plain").code == 0)
    #expect(try run("train", "coded", "--codec", "delta+int4+entropy").code == 0)
    let outcome = try SegfedProcess.run(
      "time", folder.file("plain"), folder.file("coded"), "--output", folder.file("times.csv"))
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("SIMULATED, not measured"))
    let rows = try text("times.csv").split(whereSeparator: \.isNewline).map { $0.split(separator: ",") }
    #expect(rows.count == 5 && rows[0][4] == "simulated_seconds")
    // The same work, fewer bytes.
    #expect((Double(rows[3][5]) ?? 0) < (Double(rows[1][5]) ?? 0))
    #expect((Double(rows[3][4]) ?? 0) < (Double(rows[1][4]) ?? 0))
    #expect(try run("train", "pooled", "--mode", "centralised").code == 0)
    Refusal.check(
      try SegfedProcess.run("time", folder.file("pooled")), names: folder.file("pooled"),
      says: ["mode centralised"])
  }
}
