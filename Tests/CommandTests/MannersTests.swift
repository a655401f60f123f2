import Foundation
import TestSupport
import Testing

/// How the program speaks.
@Suite struct MannersTests {
  @Test func version() throws {
    let outcome = try SegfedProcess.run("--version")
    #expect(outcome.code == 0)
    #expect(outcome.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }

  @Test func progressIsPlainLinesOnStandardError() throws {
    let outcome = try TrainedRun.shared.get().outcome
    #expect(!outcome.errors.contains("\u{1B}") && !outcome.errors.contains("\r"))
    #expect(outcome.errors.contains(/reading scans: 6\/6, \d+ s left/))
    #expect(outcome.errors.contains(/training: 2\/2, \d+ s left/))
    // Results: a line for each site, then the tables.
    #expect(outcome.output.contains("birch") && outcome.output.contains("hazel"))
    #expect(outcome.output.contains("Bytes of all messages"))
    #expect(!outcome.output.contains("left"))
  }

  /// `--quiet` keeps the tables, and drops progress and the lines of rounds.
  @Test func quietPrintsOnlyTheResult() throws {
    let folder = try TemporaryFolder()
    let loud = try TrainedRun.shared.get().outcome
    let quiet = try TinySites.shared.get().train(output: folder.file("run"), "--quiet")
    #expect(quiet.code == 0 && quiet.errors.isEmpty, "\(quiet.errors)")
    #expect(quiet.output.count < loud.output.count)
    #expect(loud.output.hasSuffix(quiet.output.trimmingCharacters(in: .newlines) + "\n"))
  }

  /// One document, and nothing else; what the run folder holds is the same.
  @Test func jsonIsOneDocument() throws {
    let folder = try TemporaryFolder()
    let sites = try TinySites.shared.get()
    let run = folder.file("run")
    let train = try sites.train(output: run, "--json")
    #expect(train.code == 0)
    #expect(try train.json()["mode"] as? String == "federated")
    #expect(try String(contentsOfFile: run + "/metrics.json", encoding: .utf8) == train.output)
    let predict = try SegfedProcess.run(
      "predict", "--model", run, "--input", sites.data, "--output", folder.file("out"), "--json")
    let files = try #require(try predict.json()["predictions"] as? [String])
    #expect(files.count == 6 && files.allSatisfy(Refusal.exists))
    let evaluate = try SegfedProcess.run(
      "evaluate", "--predictions", folder.file("out"), "--data", sites.data, "--output",
      folder.file("scores"),
      "--json")
    #expect(try evaluate.json()["mode"] as? String == "evaluate")
    let loso = try SegfedProcess.run(
      "loso", "--data", sites.data, "--output", folder.file("loso"), "--plan", sites.plan, "--json")
    #expect(try loso.json()["schema_version"] as? Int == 1)
    #expect(try String(contentsOfFile: folder.file("loso/loso.json"), encoding: .utf8) == loso.output)
    let simulate = try SegfedProcess.run(
      "simulate", "--cases", "1", "--spacing", "20", "--output", folder.file("data"), "--json")
    #expect(try simulate.json()["cases"] as? Int == 6)
  }

  /// `segfed train … | head -1`: the run goes on and is whole.
  @Test func readerGoesAway() throws {
    let folder = try TemporaryFolder()
    let sites = try TinySites.shared.get()
    let pipe = Pipe()
    let process = try SegfedProcess(
      ["train", "--data", sites.data, "--output", folder.file("run"), "--plan", sites.plan],
      output: pipe.fileHandleForWriting)
    try pipe.fileHandleForWriting.close()
    try pipe.fileHandleForReading.close()
    let outcome = try process.wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(!outcome.errors.contains("Fatal error"))
    #expect(Refusal.exists(folder.file("run/metrics.json")))
  }

  /// A full disk under standard output is an error, once the run is kept.
  @Test func standardOutputIsFull() throws {
    let folder = try TemporaryFolder()
    let sites = try TinySites.shared.get()
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let process = try SegfedProcess(
      ["train", "--data", sites.data, "--output", folder.file("run"), "--plan", sites.plan, "--quiet"],
      output: full)
    let outcome = try process.wait()
    #expect(outcome.code == 2)
    #expect(outcome.errors.hasPrefix("segfed: standard output: cannot be written"))
    #expect(Refusal.exists(folder.file("run/metrics.json")))
  }
}
