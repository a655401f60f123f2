import Experiment
import Foundation
import Foundations
import Reporting
import Simulation
import TestSupport
import Testing

/// That the simulated sites really differ: part of "not made easy". Trains for minutes, so `make test-long` only.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SEGFED_LONG_TESTS"] != nil, "make test-long"))
struct SingleSiteTests {
  /// A model trained at one site alone loses 0.05 or more of whole-tumour Dice on the others, mean over sites.
  ///
  /// Three seeds: 0.074, 0.094, 0.082. Three cases a site are too few to tell: one of these models came to 0.0499 on them.
  @Test func modelsOfOneSiteLoseOnTheOthers() async throws {
    let folder = try TemporaryFolder()
    let sampleData = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("SampleData").path
    try Simulator.run(
      SimulationRequest(
        profile: .demo, seed: 1, output: folder.file("fresh"), casesPerSite: 20, split: .test, threads: 2))
    var request = RunRequest(data: sampleData, output: folder.file("local"), threads: 2)
    request.mode = .local
    try await TrainingRun.execute(request, console: .silent)
    var losses: [Double] = []
    for site in try FileManager.default.contentsOfDirectory(atPath: folder.file("local/sites")).sorted() {
      let report = try Evaluation.execute(
        Evaluation.Request(
          source: .models([folder.file("local/sites/\(site)/model.safetensors")]), data: folder.file("fresh"),
          output: folder.file("scores-\(site)"), threads: 2), console: .silent)
      let whole = report.sites.map { (name: $0.site, dice: $0.dice[0] ?? 0) }
      let own = whole.first { $0.name == site }?.dice ?? 0
      let others = whole.filter { $0.name != site }.map(\.dice)
      let mean = others.reduce(0, +) / Double(others.count)
      print("trained at \(site): WT Dice \(own) on its own fresh cases, \(mean) on the other sites'")
      losses.append(own - mean)
    }
    let loss = losses.reduce(0, +) / Double(losses.count)
    print("mean loss \(loss)")
    #expect(losses.count == 6)
    #expect(loss >= 0.05)
  }
}
