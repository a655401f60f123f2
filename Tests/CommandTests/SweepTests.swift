import Foundation
import TestSupport
import Testing

/// `segfed sweep`: each run of a grid once, whatever happens meanwhile.
struct SweepTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: try TinySites.shared.get().data, toPath: folder.file("data"))
    try FileManager.default.copyItem(atPath: folder.file("data"), toPath: folder.file("fresh"))
    try TinySites.freshen(folder.file("fresh"))
    _ = try folder.write(Data(TinySites.planText(rounds: 2).utf8), "plan.yaml")
  }

  private func write(_ grid: String, _ more: String = "test: fresh") throws -> String {
    let text = """
      schema_version: 1
      data: data
      plan: \(folder.file("plan.yaml"))
      seeds: [1, 2]
      \(more)
      grid: \(grid)

      """
    return try folder.write(Data(text.utf8), "sweep.yaml")
  }

  private func sweep(_ file: String, _ output: String, failing point: String? = nil) throws
    -> SegfedProcess.Outcome
  {
    try SegfedProcess(
      ["sweep", file, "--output", folder.file(output), "--threads", "1"],
      environment: point.map { ["SEGFED_FAIL_POINT": $0] } ?? [:]
    ).wait(seconds: 120)
  }

  /// A result's line without its seconds.
  private func lines(_ output: String) throws -> [String] {
    try String(
      decoding: FileManager.default.contents(atPath: folder.file(output + "/results.jsonl")) ?? Data(),
      as: UTF8.self
    )
    .replacing(/"seconds":[0-9.e-]+/, with: "").split(separator: "\n").map(String.init)
  }

  @Test func everyRunIsMadeOnce() throws {
    let file = try write("{strategy: [fedavg, 'fedprox:mu=0.5'], weights: [cases, equal]}")
    let whole = try sweep(file, "whole")
    #expect(whole.code == 0, "\(whole.errors)")
    #expect(try lines("whole").count == 8)
    #expect(whole.output.contains("run 8 of 8: fedprox:mu=0.5 equal seed 2"))
    let table = try String(contentsOfFile: folder.file("whole/results.csv"), encoding: .utf8).split(
      whereSeparator: \.isNewline)
    // A line a run and site.
    #expect(table.count == 1 + 8 * 2)
    #expect(table[0].hasPrefix("strategy,weights,seed,site,hostile,suspected_rounds,cases,"))
    let runs = try? FileManager.default.contentsOfDirectory(atPath: folder.file("whole/runs"))
    #expect(runs ?? [] == [])
    // Started again there is nothing to do but to write a table that is lost.
    try FileManager.default.removeItem(atPath: folder.file("whole/results.csv"))
    let again = try sweep(file, "whole")
    #expect(again.code == 0 && !again.output.contains("run 1 of 8"))
    let rewritten = try String(contentsOfFile: folder.file("whole/results.csv"), encoding: .utf8)
    #expect(rewritten.split(whereSeparator: \.isNewline) == table)
    // Killed in the middle of a run and between runs, it comes to the same lines.
    for hit in [30, 150, 263] {
      let killed = try sweep(file, "killed", failing: "any:\(hit):kill")
      #expect(killed.code == -9, "\(hit): \(killed.errors)")
    }
    #expect(try sweep(file, "killed").code == 0)
    #expect(try lines("killed") == lines("whole"))
    // A last line that was cut off is made anew.
    let path = folder.file("killed/results.jsonl")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try bytes.dropLast(40).write(to: URL(fileURLWithPath: path))
    #expect(try sweep(file, "killed").code == 0)
    #expect(try lines("killed") == lines("whole"))
    // Numbers that no run comes to are not summed.
    for (field, wrong) in [("bytes_up", "\(Int.max)"), ("steps", "-1"), ("schema_version", "9")] {
      let text = String(decoding: bytes, as: UTF8.self)
      try text.replacing(try Regex("\"\(field)\":[0-9]+"), with: "\"\(field)\":\(wrong)", maxReplacements: 1)
        .write(
          toFile: path, atomically: true, encoding: .utf8)
      Refusal.check(try sweep(file, "killed"), names: "results.jsonl", says: ["line 1", "counts"])
    }
    // --force begins anew.
    let forced = try SegfedProcess([
      "sweep", file, "--output", folder.file("killed"), "--threads", "1", "--force",
    ]).wait(seconds: 120)
    #expect(forced.code == 0, "\(forced.errors)")
    #expect(try lines("killed") == lines("whole"))
  }

  /// A sweep without a finished run is nothing that its corrected file would contradict; with one, other data is noticed.
  @Test func whatHasNoResultIsReplaced() throws {
    let wrong = try sweep(try write("{strategy: [fedavg]}", "test: nowhere"), "out")
    #expect(wrong.code == 2, "\(wrong.errors)")
    #expect(try sweep(write("{strategy: [fedavg]}"), "out").code == 0)
    let birch = folder.file("data/birch")
    let name = try #require(FileManager.default.contentsOfDirectory(atPath: birch).sorted().first)
    for file in try FileManager.default.contentsOfDirectory(atPath: "\(birch)/\(name)")
    where !file.contains("_seg.") {
      try TinySites.mark("\(birch)/\(name)/\(file)", with: 7)
    }
    let other = try sweep(write("{strategy: [fedavg, median]}"), "out")
    #expect(other.code == 2 && other.errors.contains("training cases are not those"), "\(other.errors)")
    #expect(try lines("out").count == 2)
  }

  @Test func whatCannotBeIsRefusedBeforeTheFirstRun() throws {
    for (grid, says) in [
      (
        "{mode: [federated, local], hold-out-site: [birch]}",
        "grid.hold-out-site: found birch beside mode local"
      ),
      ("{mode: [local], intensity: [atlas]}", "grid.intensity: found atlas beside mode local"),
      ("{hold-out-site: [birch, oak]}", "oak"),
    ] {
      let outcome = try SegfedProcess.run("sweep", write(grid), "--output", folder.file("out"), "--quiet")
      Refusal.check(outcome, names: says)
      #expect(try lines("out") == [])
    }
    // Where sites are federated or not, options of a federation are tried once; a held-out site is what is scored.
    let outcome = try sweep(
      write("{mode: [federated, centralised], strategy: [fedavg, median], hold-out-site: [birch]}"), "out")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try lines("out").count == 2 * 3)
    #expect(
      try lines("out").allSatisfy {
        $0.contains("\"site\":\"birch\"") && !$0.contains("\"cases\":3,\"dice\":{},\"site\":\"hazel\"")
      })
    #expect(outcome.output.contains("run 6 of 6: centralised birch seed 2"))
  }

  @Test func freshCasesAreNoTrainingCases() throws {
    let birch = folder.file("data/birch")
    let file = try write("{strategy: [fedavg]}", "test: again")
    _ = try folder.folder("again/hazel")
    try FileManager.default.copyItem(atPath: birch + "/birch-002", toPath: folder.file("again/hazel/other"))
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.file("again/hazel/other")) {
      try FileManager.default.moveItem(
        atPath: folder.file("again/hazel/other/" + name),
        toPath: folder.file("again/hazel/other/" + name.replacing("birch-002", with: "other")))
    }
    let outcome = try SegfedProcess.run("sweep", file, "--output", folder.file("out"), "--quiet")
    Refusal.check(outcome, names: "birch/birch-002 (training)", says: ["hazel/other (test)"])
    #expect(try lines("out") == [])
  }

  /// Fresh cases meet what their own site has: FedBN leaves each one its own normalisation layers.
  @Test func aSiteIsTestedWithItsOwnModel() throws {
    let file = try write("{strategy: [fedbn]}")
    let outcome = try SegfedProcess(
      ["sweep", file, "--output", folder.file("out"), "--threads", "1", "--keep-runs"]
    ).wait(seconds: 120)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let results = try String(contentsOfFile: folder.file("out/results.jsonl"), encoding: .utf8)
    let told = try results.split(separator: "\n").map { try Self.dice($0.utf8) }
    #expect(told.count == 2)
    let run =
      folder.file("out/runs/")
      + (try #require(FileManager.default.contentsOfDirectory(atPath: folder.file("out/runs")).first))
    var scores: [[String: Double]] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: run + "/sites") {
      let scored = try SegfedProcess([
        "evaluate", "--model", "\(run)/sites/\(name)/model.safetensors", "--data", folder.file("fresh"),
        "--output", folder.file("scores-\(name)"), "--quiet", "--json",
      ]).wait(seconds: 120)
      scores.append(try Self.dice(scored.output.utf8).filter { $0.key == name })
    }
    let own = scores.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    #expect(own.count == 2 && told.contains(own))
  }

  /// Each site's Dice on the whole tumour, of an evaluation's document or a sweep's result.
  private static func dice(_ json: some Sequence<UInt8>) throws -> [String: Double] {
    let document = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
    let whole = { (site: [String: Any]) in (site["dice"] as? [String: Double])?["WT"] }
    if let sites = document["sites"] as? [String: [String: Any]] { return sites.compactMapValues(whole) }
    return (document["sites"] as? [[String: Any]] ?? []).reduce(into: [:]) {
      $0[$1["site"] as? String ?? ""] = whole($1)
    }
  }

  /// Attacks against aggregations: what honest sites lose, who is named, and what a backdoor's trigger does.
  @Test func attacksHaveTheirTables() throws {
    let file = try write(
      "{attack: [none, backdoor, absent], strategy: [fedavg, fltrust]}",
      "test: fresh\ncoordinator_data: \(TinySites.oneCaseEach.get().data)\nscreen: true")
    let outcome = try sweep(file, "out")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let rows = outcome.output.split(whereSeparator: \.isNewline).map(String.init)
    #expect(rows.contains { $0.hasPrefix("attack") && $0.contains("triggered") && $0.contains("most lost") })
    #expect(rows.contains { $0.wholeMatch(of: /none +fedavg +2 .* 0\.0000 ± 0\.0000 .*/) != nil })
    #expect(rows.contains { $0.wholeMatch(of: /named +fedavg +fltrust/) != nil })
    #expect(rows.contains { $0.wholeMatch(of: /none +0\/0.*/) != nil })
    let results = try String(contentsOfFile: folder.file("out/results.jsonl"), encoding: .utf8)
      .split(separator: "\n").map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
    for result in results {
      let attack = ((result?["cell"] as? [String: Any])?["values"] as? [String: String])?["attack"]
      #expect((result?["triggered"] != nil) == (attack == "backdoor"))
      #expect((result?["hostile"] as? [String])?.count == (attack == "none" ? 0 : 1))
      #expect(result?["left_out"] as? Int == (attack == "absent" ? 2 : 0))
    }
  }

  /// A run that cannot be does not keep the others from being made.
  @Test func aRunThatFailsIsTold() throws {
    let outcome = try sweep(write("{strategy: [krum, fedavg]}"), "out")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("failed: krum seed 1: Strategy krum: a round trains at 2 sites"))
    #expect(try lines("out").count == 4)
    #expect(outcome.output.split(whereSeparator: \.isNewline).contains { $0.hasPrefix("fedavg ") })
  }

  @Test func aGridMayGrowButNotChange() throws {
    #expect(try sweep(write("{strategy: [fedavg]}"), "out").code == 0)
    let grown = try sweep(write("{strategy: [fedavg, qfedavg]}"), "out")
    #expect(grown.code == 0 && grown.output.contains("run 3 of 4") && !grown.output.contains("run 1 of 4"))
    Refusal.check(
      try sweep(write("{strategy: [fedavg]}", "rounds: 1"), "out"), names: "sweep.yaml",
      says: ["test", "another"])
    // The plan's name is the same, what it says is not.
    _ = try folder.write(Data(TinySites.planText(rounds: 3).utf8), "plan.yaml")
    Refusal.check(
      try sweep(write("{strategy: [fedavg]}"), "out"), names: "sweep.yaml", says: ["plan", "another"])
  }

  @Test(arguments: [
    ("{strategy: [fedavgg]}", "", ["grid.strategy", "Did you mean fedavg?"]),
    ("{colour: [red]}", "", ["grid.colour", "strategy"]),
    ("{strategy: []}", "", ["grid.strategy", "one or more"]),
    ("{strategy: [fedavg, fedavg]}", "", ["grid.strategy", "each once"]),
    ("{weights: [heavy]}", "", ["grid.weights", "inverse-loss"]),
    ("{participation: ['fraction:2']}", "", ["grid.participation"]),
    ("{exclude-after: [none, '0']}", "", ["grid.exclude-after", "found 0", "none, or 1"]),
    ("{codec: [topk]}", "", ["grid.codec", "Write delta+topk"]),
    ("{codec-up: [int3]}", "", ["grid.codec-up", "int3 is not known"]),
    ("{fine-tune-steps: [few]}", "", ["grid.fine-tune-steps", "found few"]),
    ("{}", "test: ./data", ["test", "on which runs train"]),
    ("{}", "rounds: 3\nrounds: 4", ["rounds"]),
    ("{}", "local_steps: [1]", ["local_steps", "a whole number"]),
    ("[fedavg]", "", ["grid"]),
    ("{}", "colour: red", ["colour", "not known"]),
    ("{}", "screen: perhaps", ["screen", "another kind"]),
    ("{}", "rounds: 0", ["rounds", "1 to 1000000"]),
    ("{}", "local_steps: 1\nlocal_epochs: 1", ["local_epochs"]),
  ])
  func whatIsWrongIsSaid(grid: String, more: String, words: [String]) throws {
    let outcome = try SegfedProcess(
      ["sweep", try write(grid, more), "--output", folder.file("out"), "--quiet"]
    ).wait()
    Refusal.check(outcome, names: "sweep.yaml", says: words)
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }
}
