import Foundation
import TestSupport
import Testing

/// Ctrl-C: work ends after the step, says what is kept, and nothing looks finished.
@Suite struct InterruptionTests {
  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
  }

  /// Interrupts once a file is there, then waits.
  private func interrupt(_ arguments: [String], once file: String) throws -> SegfedProcess.Outcome {
    try interrupt(arguments) { _ in Refusal.exists(file) }
  }

  private func interrupt(
    _ arguments: [String], when isUnderWay: (SegfedProcess) -> Bool
  ) throws -> SegfedProcess.Outcome {
    let process = try SegfedProcess(arguments)
    let end = Date().addingTimeInterval(30)
    while process.isRunning, Date() < end, !isUnderWay(process) { usleep(2000) }
    process.interrupt()
    return try process.wait()
  }

  private func check(_ outcome: SegfedProcess.Outcome, kept: String) {
    #expect(outcome.code == 130, "\(outcome.code) \(outcome.errors)")
    let last = outcome.errorLines.last ?? ""
    #expect(last.hasPrefix("segfed: stopped. ") && last.contains(kept), "\(outcome.errors)")
    #expect(!outcome.errors.contains("Fatal error"))
  }

  @Test(arguments: ["federated", "centralised", "local"]) func training(mode: String) throws {
    let run = folder.file("run")
    let kept = run + (mode == "local" ? "/sites/birch" : "/coordinator") + "/model.safetensors"
    let outcome = try interrupt(
      [
        "train", "--data", sites.data, "--output", run, "--plan", sites.plan, "--mode", mode, "--rounds",
        "2000",
      ],
      once: kept)
    check(outcome, kept: "of 2000 rounds are kept")
    #expect(!Refusal.exists(run + "/metrics.json") && !Refusal.exists(run + "/metrics.csv"))
    let model = mode == "local" ? kept : run
    let predict = try SegfedProcess.run(
      "predict", "--model", model, "--input", sites.data + "/birch/birch-001", "--output", folder.file("out"))
    #expect(predict.code == 0, "\(predict.errors)")
  }

  /// A JSON reader gets no half document.
  @Test func trainingForAScript() throws {
    let run = folder.file("run")
    let outcome = try interrupt(
      ["train", "--data", sites.data, "--output", run, "--plan", sites.plan, "--rounds", "2000", "--json"],
      once: run + "/coordinator/model.safetensors")
    check(outcome, kept: "rounds are kept")
    #expect(outcome.output.isEmpty)
  }

  @Test func leaveOneSiteOut() throws {
    let run = folder.file("run")
    let outcome = try interrupt(
      ["loso", "--data", sites.data, "--output", run, "--plan", sites.plan, "--rounds", "2000"],
      once: run + "/folds/birch/coordinator/model.safetensors")
    check(outcome, kept: "No fold is whole.")
    #expect(!Refusal.exists(run + "/loso.json"))
    #expect(!Refusal.exists(run + "/folds/birch/metrics.json"))
  }

  @Test func simulation() throws {
    let data = folder.file("data")
    let outcome = try interrupt(
      ["simulate", "--cases", "200", "--spacing", "10", "--output", data],
      once: data + "/aspen/aspen-002")
    check(outcome, kept: "whole cases and no dataset.yaml")
    #expect(!Refusal.exists(data + "/dataset.yaml"))
  }

  @Test func prediction() throws {
    let run = try TrainedRun.shared.get().path
    let data = try many()
    let outcome = try interrupt(
      ["predict", "--model", run, "--input", data, "--output", folder.file("out")],
      once: folder.file("out/many/case-1"))
    check(outcome, kept: "label maps are written, and whole")
  }

  /// One case of many windows: a stop comes between two of them, and leaves no file.
  @Test func predictionOfOneCase() throws {
    let run = try TrainedRun.shared.get().path
    let outcome = try interrupt([
      "predict", "--model", run, "--input", sites.data + "/birch/birch-001", "--output", folder.file("out"),
      "--step", "0.03", "--probabilities",
    ]) { $0.errors.contains("predicting: ") }
    check(outcome, kept: "0 of 1 label maps are written, and whole.")
    #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.file("out")).isEmpty)
  }

  @Test func evaluation() throws {
    let run = try TrainedRun.shared.get().path
    let data = try many()
    let outcome = try interrupt(
      ["evaluate", "--model", run, "--data", data, "--output", folder.file("scores"), "--allow-duplicates"]
    ) { $0.errors.contains("scoring: ") }
    check(outcome, kept: "Nothing was written.")
    #expect(!Refusal.exists(folder.file("scores")))
  }

  /// Sixty cases, links to the tiny ones: enough work to be interrupted.
  private func many() throws -> String {
    let data = try folder.folder("many")
    let files = FileManager.default
    for number in 1...60 {
      let name = "case-\(number)"
      let target = try folder.folder("many/" + name)
      for contrast in ["t1", "t1ce", "t2", "flair", "seg"] {
        try files.createSymbolicLink(
          atPath: "\(target)/\(name)_\(contrast).nii.gz",
          withDestinationPath: "\(sites.data)/birch/birch-001/birch-001_\(contrast).nii.gz")
      }
    }
    return data
  }
}
