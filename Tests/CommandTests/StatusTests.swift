import Foundation
import TestSupport
import Testing

/// `segfed status`, of runs that go on and of runs that do not.
@Suite struct StatusTests {
  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
  }

  private func status(_ path: String, _ more: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(["status", path] + more)
  }

  private func json(_ path: String) throws -> [String: Any] {
    let outcome = try status(path, "--json")
    try #require(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.isEmpty)
    return try outcome.json()
  }

  private func start(_ command: String, _ output: String, rounds: Int, _ more: String...) throws
    -> SegfedProcess
  {
    try SegfedProcess(
      [
        command, "--data", sites.data, "--output", output, "--plan", sites.plan, "--threads", "2", "--rounds",
        "\(rounds)", "--quiet",
      ] + more)
  }

  /// Asks until the answer is the one that is waited for.
  private func wait(_ path: String, until holds: ([String: Any]) -> Bool) throws -> [String: Any] {
    let end = Date().addingTimeInterval(60)
    while Date() < end {
      let outcome = try status(path, "--json")
      if outcome.code == 0, let found = try? outcome.json(), holds(found) { return found }
      usleep(20_000)
    }
    Issue.record("the run did not come so far")
    return [:]
  }

  @Test func aFinishedRun() throws {
    let run = try TrainedRun.shared.get().path
    let before = try RunContents(run)
    let outcome = try status(run)
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("\(run): finished, 1 of 1 rounds\nfederated, fedavg, seed 1\n"))
    #expect(
      outcome.output.contains("birch") && outcome.output.contains("exchanged: ")
        && !outcome.output.contains("--resume"))
    let document = try json(run)
    #expect(document["state"] as? String == "finished" && document["rounds_done"] as? Int == 1)
    #expect(document["seconds_left"] is NSNull && document["resume"] is NSNull)
    let found = try #require(document["sites"] as? [String: [String: Any]])
    #expect(Set(found.keys) == ["birch", "hazel"])
    #expect(found["birch"]?["loss"] is Double && (found["birch"]?["bytes_up"] as? Int ?? 0) > 0)
    #expect(try RunContents(run) == before)
  }

  @Test func aRunThatGoesOnAndIsStopped() throws {
    let run = folder.file("run")
    let process = try start("train", run, rounds: 5000)
    let found = try wait(run) { ($0["rounds_done"] as? Int ?? 0) >= 3 }
    #expect(found["state"] as? String == "going on" && found["rounds"] as? Int == 5000)
    #expect(found["seconds_left"] is Double && found["seconds_per_round"] is Double)
    let text = try status(run).output
    #expect(text.hasPrefix("\(run): going on, ") && text.contains(" left\n"))
    #expect(process.isRunning)
    process.interrupt()
    #expect(try process.wait().code == 130)
    let stopped = try json(run)
    #expect(stopped["state"] as? String == "stopped")
    #expect((stopped["resume"] as? String)?.contains("--resume") == true)
  }

  @Test func aRunThatWasKilled() throws {
    let run = folder.file("run")
    let process = try start("train", run, rounds: 5000)
    let found = try wait(run) { ($0["rounds_done"] as? Int ?? 0) >= 3 }
    process.kill()
    _ = try process.wait()
    let killed = try json(run)
    #expect(killed["state"] as? String == "killed")
    let done = try #require(killed["rounds_done"] as? Int)
    #expect(done >= found["rounds_done"] as? Int ?? 0)
    // The line that was being written.
    let journal = try FileHandle(forWritingTo: URL(fileURLWithPath: run + "/coordinator/rounds.jsonl"))
    try journal.seekToEnd()
    try journal.write(contentsOf: Data(#"{"chain":"00","entry":"round","round":99"#.utf8))
    try journal.close()
    #expect(try json(run)["rounds_done"] as? Int == done)
    #expect(try status(run).output.contains("No process works in it"))
  }

  /// However often it is asked about, a run begins and ends.
  @Test func askingDisturbsNobody() throws {
    for attempt in 0..<3 {
      let run = folder.file("run-\(attempt)")
      let process = try start("train", run, rounds: 5)
      while process.isRunning { _ = try status(run) }
      let outcome = try process.wait()
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(try json(run)["state"] as? String == "finished")
    }
  }

  @Test func foldsThatGoOn() throws {
    let study = folder.file("loso")
    let process = try start("loso", study, rounds: 60)
    let found = try wait(study) { document in
      let parts = document["parts"] as? [[String: Any]] ?? []
      return parts.map { $0["state"] as? String } == ["finished", "going on"]
    }
    #expect(found["state"] as? String == "going on" && found["whole"] as? Int == 1)
    #expect(try process.wait().code == 0)
    let outcome = try status(study)
    #expect(outcome.output.hasPrefix("\(study): finished, 2 of 2 folds\n"))
    #expect(outcome.output.contains("60 of 60"))
  }

  @Test func foldsThatWait() throws {
    let study = folder.file("kfold")
    let process = try start("kfold", study, rounds: 3000, "--folds", "3")
    let found = try wait(study) { ($0["parts"] as? [Any])?.count == 3 }
    process.interrupt()
    #expect(try process.wait().code == 130)
    let parts = try #require(found["parts"] as? [[String: Any]])
    #expect(parts.map { $0["name"] as? String } == ["fold-1", "fold-2", "fold-3"])
    #expect(parts.map { $0["state"] as? String } == ["going on", "waiting", "waiting"])
    let text = try status(study).output
    #expect(text.contains("stopped") && text.contains("waiting") && text.contains("--resume"))
  }

  @Test func seedsAndModes() throws {
    let study = folder.file("seeds")
    #expect(try start("train", study, rounds: 2, "--seeds", "2", "--mode", "local").wait().code == 0)
    let outcome = try status(study)
    #expect(
      outcome.output.hasPrefix("\(study): finished, 2 of 2 seeds\n"), "\(outcome.output)\(outcome.errors)")
    // Two sites that train alone, two rounds each; nothing travels.
    #expect(outcome.output.contains("4 of 4") && outcome.output.contains("–"))
    let one = try json(study + "/seed-1")
    #expect(one["mode"] as? String == "local" && one["bytes_up"] is NSNull)
  }

  @Test func aSweep() throws {
    let description = """
      schema_version: 1
      data: \(sites.data)
      plan: \(sites.plan)
      seeds: [0]
      rounds: 1
      grid:
        strategy: [fedavg, fedprox]
      """
    let file = try folder.write(Data(description.utf8), "grid.yaml")
    let study = folder.file("sweep")
    let swept = try SegfedProcess.run("sweep", file, "--output", study, "--quiet")
    #expect(swept.code == 0, "\(swept.errors)")
    let outcome = try status(study)
    #expect(
      outcome.output.hasPrefix("\(study): finished, 2 of 2 runs\n"), "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("fedprox seed 0") && outcome.output.contains("Dice "))
    try FileManager.default.removeItem(atPath: study + "/results.jsonl")
    #expect(try json(study)["state"] as? String == "killed")
  }

  // MARK: - Refusals

  @Test func whatIsNoRun() throws {
    let empty = try folder.folder("empty")
    let file = try folder.write(Data("x".utf8), "file")
    Refusal.check(try status(empty), names: empty, says: ["found no run"])
    Refusal.check(try status(file), names: file, says: ["found no run"])
    Refusal.check(try status(folder.file("missing")), names: folder.file("missing"), says: ["no such file"])
    Refusal.check(try status(sites.data), names: sites.data, says: ["found no run"])
  }

  @Test(arguments: ["config.yaml", "coordinator/rounds.jsonl"]) func newerReleases(file: String) throws {
    let run = folder.file("run")
    try FileManager.default.copyItem(atPath: try TrainedRun.shared.get().path, toPath: run)
    let path = run + "/" + file
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing(
      /schema_version("?): ?1|schema_version":1/,
      with: { _ in "schema_version\(file.hasSuffix("yaml") ? ": " : "\":")99" }
    )
    .write(toFile: path, atomically: false, encoding: .utf8)
    Refusal.check(try status(run), names: path, says: ["schema_version is 99, expected 1 or less"])
  }
}
