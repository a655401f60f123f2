import Coordinator
import Experiment
import Foundation
import Foundations
import TestSupport
import Testing

/// Whole runs in one process, from files to tables.
@Suite(.serialized) struct TrainingRunTests {
  let study: SimulatedStudy

  init() throws { study = try SimulatedStudy() }

  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  @Test func theSameSeedGivesTheSameBitsForEveryThreadCount() async throws {
    for (name, threads) in [("a", 1), ("b", 2), ("c", 2)] {
      try await TrainingRun.execute(study.request(name, threads: threads), console: .silent)
    }
    let first = try bytes(study.folder.file("a/coordinator/model.safetensors"))
    #expect(try bytes(study.folder.file("b/coordinator/model.safetensors")) == first)
    #expect(try bytes(study.folder.file("c/coordinator/model.safetensors")) == first)
    var other = study.request("d")
    other.seed = 2
    try await TrainingRun.execute(other, console: .silent)
    #expect(try bytes(study.folder.file("d/coordinator/model.safetensors")) != first)
  }

  @Test func theWallStandsInTheRunFolder() async throws {
    let outcome = try await TrainingRun.execute(study.request("run"), console: .silent)
    let manager = FileManager.default
    let run = study.folder.file("run")
    #expect(
      try manager.contentsOfDirectory(atPath: run).sorted()
        == ["config.yaml", "coordinator", "history.json", "metrics.csv", "metrics.json", "sites"])
    // No case is named outside its site's own folder.
    let names = try manager.subpathsOfDirectory(atPath: study.data)
      .filter { $0.hasSuffix("_seg.nii.gz") }
      .map { ($0 as NSString).lastPathComponent.replacing("_seg.nii.gz", with: "") }
    for file in [
      "coordinator/rounds.jsonl", "coordinator/model.safetensors", "metrics.json", "config.yaml",
      "history.json",
    ] {
      let content = try bytes(run + "/" + file)
      for name in names { #expect(content.range(of: Data(name.utf8)) == nil, "\(file) names \(name)") }
    }
    #expect(outcome.tests.count == 6)
    #expect(outcome.tests.map(\.cases) == [1, 1, 1, 1, 1, 1])
    let own = try String(contentsOfFile: run + "/sites/aspen/metrics.csv", encoding: .utf8)
    // Its one test case by three regions and two labels that are none.
    #expect(own.split(whereSeparator: \.isNewline).count == 6)
  }

  @Test func budgetsAreEqualAcrossModes() async throws {
    var steps: [RunRequest.Mode: Int] = [:]
    for mode in RunRequest.Mode.allCases {
      var request = study.request(mode.rawValue)
      request.mode = mode
      let outcome = try await TrainingRun.execute(request, console: .silent)
      steps[mode] = outcome.results.flatMap(\.rounds).flatMap(\.sites).reduce(0) { $0 + $1.steps }
      #expect(outcome.tests.count == 6)
    }
    #expect(steps == [.federated: 24, .centralised: 24, .local: 24])
    #expect(
      FileManager.default.fileExists(atPath: study.folder.file("local/sites/aspen/model.safetensors")))
    #expect(!FileManager.default.fileExists(atPath: study.folder.file("local/coordinator")))
  }

  @Test func aHeldOutSiteIsTestedWholeAndTrainsNothing() async throws {
    var request = study.request("held")
    request.holdOut = "cedar"
    let outcome = try await TrainingRun.execute(request, console: .silent)
    let trained = Set(outcome.results.flatMap(\.rounds).flatMap(\.sites).map(\.site))
    #expect(trained == ["aspen", "birch", "hazel", "linden", "rowan"])
    #expect(outcome.tests.first { $0.site == "cedar" }?.cases == 4)
    #expect(outcome.tests.first { $0.site == "aspen" }?.cases == 1)
  }

  @Test func bandwidthIsTheSumOfAllMessages() async throws {
    let outcome = try await TrainingRun.execute(study.request("wire"), console: .silent)
    let model = try bytes(study.folder.file("wire/coordinator/model.safetensors"))
    let total = outcome.bandwidth.total
    // Down: a model to train and one to validate in each of 2 rounds, one to test. Up: an update a round.
    let values = 4 * outcome.results[0].model.values.count
    #expect(total.down > 6 * 5 * values && total.down < 6 * 5 * (values + 2000))
    #expect(total.up > 6 * 2 * values && total.up < 6 * (2 * values + 8000))
    #expect(model.count > values)
    let manager = FileManager.default
    let scans = try manager.subpathsOfDirectory(atPath: study.data).filter { $0.hasSuffix(".nii.gz") }
    let bytes = try scans.reduce(0) { sum, path in
      let size = try manager.attributesOfItem(atPath: study.data + "/" + path)[.size] as? Int
      return sum + (size ?? 0)
    }
    #expect(total.scansCompressed == bytes)
  }

  @Test func trainingGoesOnFromGivenWeights() async throws {
    try await TrainingRun.execute(study.request("first"), console: .silent)
    var request = study.request("second")
    request.initialModel = study.folder.file("first")
    request.rounds = 1
    try await TrainingRun.execute(request, console: .silent)
    let first = try ModelFile.read(study.folder.file("first"))
    let second = try ModelFile.read(study.folder.file("second"))
    #expect(first.weights != second.weights)
    let distance = zip(first.weights, second.weights).reduce(0) { $0 + abs($1.0 - $1.1) }
    let size = first.weights.reduce(0) { $0 + abs($1) }
    #expect(distance < 0.2 * size)
  }

  @Test func nothingIsOverwrittenWithoutForce() async throws {
    try await TrainingRun.execute(study.request("kept"), console: .silent)
    await #expect(throws: FileError.alreadyExists(path: study.folder.file("kept"))) {
      try await TrainingRun.execute(study.request("kept"), console: .silent)
    }
    var forced = study.request("kept")
    forced.force = true
    try await TrainingRun.execute(forced, console: .silent)
    _ = try study.folder.folder("mine")
    _ = try study.folder.write(Array("x".utf8), "mine/notes.txt")
    var foreign = study.request("mine")
    foreign.force = true
    await #expect(throws: ExperimentError.notARun(path: study.folder.file("mine"))) {
      try await TrainingRun.execute(foreign, console: .silent)
    }
  }
}
