import Experiment
import Foundation
import Foundations
import Imaging
import Planning
import TestSupport
import Testing
import Training

/// Plans from sites' statistics, by messages alone.
@Suite(.serialized) struct PlanRunTests {
  let study: SimulatedStudy

  init() throws { study = try SimulatedStudy() }

  private func plan(
    _ data: String, _ output: String, _ change: (inout PlanRun.Request) -> Void = { _ in }
  ) async throws -> (text: String, summary: PlanSummary) {
    var request = PlanRun.Request(data: data, output: study.folder.file(output), threads: 2)
    request.gigaflops = 500
    change(&request)
    let summary = try await PlanRun.execute(request, console: .silent)
    return (try String(contentsOfFile: request.output, encoding: .utf8), summary)
  }

  /// All sites' cases as a table, at one site.
  private func pooledTable() throws -> String {
    let data = try DatasetFolder.discover(study.data, requireLabels: true)
    var text = "site,case," + data.contrasts.joined(separator: ",") + ",label\n"
    for files in data.sites.flatMap(\.cases) {
      text +=
        (["all", files.name] + files.images.map(\.path) + [files.label ?? ""]).joined(separator: ",") + "\n"
    }
    return try study.folder.write(Data(text.utf8), "pooled.csv")
  }

  /// Sites that keep their scans to themselves get the plan that pooled scans give, whatever the number of threads.
  @Test func thePlanIsThatOfPooledScans() async throws {
    let federated = try await plan(study.data, "federated.yaml")
    #expect(federated.summary.draft.statistics.cases == 24 && federated.summary.traffic.count == 6)
    #expect(federated.summary.traffic.allSatisfy { $0.up > 1000 && $0.up < 200_000 && $0.down < 2000 })
    let pooled = try await plan(pooledTable(), "pooled.yaml")
    #expect(pooled.text == federated.text && pooled.summary.traffic.count == 1)
    let serial = try await plan(study.data, "serial.yaml") { $0.threads = 1 }
    #expect(serial.summary.draft.statistics == federated.summary.draft.statistics)
  }

  /// What is planned is what training takes: it runs, within the memory that the plan says.
  @Test(arguments: [(2, PlannedNetwork.Encoder.plain), (3, .plain), (3, .residual)])
  func trainingTakesThePlan(dimensions: Int, encoder: PlannedNetwork.Encoder) async throws {
    let name = "plan-\(dimensions)-\(encoder.rawValue).yaml"
    let (text, summary) = try await plan(study.data, name) { request in
      request.dimensions = dimensions
      request.encoder = encoder
      request.baseFeatures = 4
      request.memory = 100_000_000
      request.hours = 1
    }
    #expect(summary.cost.memory <= 100_000_000)
    let path = study.folder.file(name)
    let file = try PlanFile.parse(text, file: path)
    #expect(file.dimensions == dimensions && file.batch >= 2 && file.localSteps == 250)
    var request = study.request("run-\(dimensions)-\(encoder.rawValue)")
    request.plan = path
    request.rounds = 1
    request.budget = .steps(1)
    let outcome = try await TrainingRun.execute(request, console: .silent)
    #expect(outcome.results[0].rounds.count == 1)
  }

  /// Budgets are kept, and a larger one never gives a smaller patch or batch.
  @Test func budgetsAreKept() async throws {
    var last = 0
    for memory in [60_000_000, 200_000_000, 1_000_000_000] {
      let summary = try await plan(study.data, "plan-\(memory).yaml") { $0.memory = memory }.summary
      #expect(summary.cost.memory <= memory)
      let voxels = summary.draft.network.patchVoxels * summary.draft.network.batch
      #expect(voxels >= last)
      last = voxels
    }
    let quick = try await plan(study.data, "quick.yaml") { request in
      request.stepSeconds = 0.05
      request.hours = 0.01
    }
    #expect(quick.summary.stepSeconds <= 0.05)
    #expect(quick.summary.draft.network.patchVoxels * quick.summary.draft.network.batch < last)
    let seconds = quick.summary.stepSeconds * 250 * Double(quick.summary.draft.rounds)
    #expect(seconds <= 36 || quick.summary.draft.rounds == 1)
    #expect(quick.text.contains("0.05 s a step at 500 GFLOP/s"))
  }

  @Test func whatCannotBePlannedIsRefused() async throws {
    await #expect(throws: PlanningError.self) {
      try await plan(study.data, "small.yaml") { $0.memory = 1_000_000 }
    }
    await #expect(throws: PlanningError.self) {
      try await plan(study.data, "short.yaml") { $0.stepSeconds = 1e-6 }
    }
    for name in ["small.yaml", "short.yaml"] {
      #expect(!FileManager.default.fileExists(atPath: study.folder.file(name)))
    }
    do {
      _ = try await plan(study.data, "small.yaml") { $0.memory = 1_000_000 }
    } catch let error as PlanningError {
      // The least that works is named, and works.
      let words = error.description.split(separator: " ")
      let place = try #require(words.firstIndex(of: "takes"))
      let least = try #require(
        ByteCount.parse(String(words[place + 1...place + 2].joined().dropLast())), "\(error.description)")
      let summary = try await plan(study.data, "least.yaml") { $0.memory = least }.summary
      #expect(summary.cost.memory <= least && summary.draft.network.batch == 2)
    }
    _ = try await plan(study.data, "there.yaml")
    await #expect(throws: FileError.alreadyExists(path: study.folder.file("there.yaml"))) {
      try await plan(study.data, "there.yaml")
    }
    _ = try await plan(study.data, "there.yaml") { $0.force = true }
  }

  /// Label maps with background alone.
  @Test func labelsAreNeeded() async throws {
    let data = study.folder.file("unlabelled")
    try FileManager.default.copyItem(atPath: study.data + "/hazel", toPath: data)
    for name in try FileManager.default.contentsOfDirectory(atPath: data) {
      let path = "\(data)/\(name)/\(name)_seg.nii.gz"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      var map = try NIfTI.readLabels(path)
      map = LabelVolume(geometry: map.geometry, labels: map.labels.map { _ in 0 })
      try NIfTI.write(map, to: path, options: .labels(of: map))
    }
    try FileManager.default.createDirectory(
      atPath: study.folder.file("empty"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: data, toPath: study.folder.file("empty/hazel"))
    await #expect(throws: PlanningError.noForeground(cases: 4)) {
      try await plan(study.folder.file("empty"), "unlabelled.yaml")
    }
  }
}
