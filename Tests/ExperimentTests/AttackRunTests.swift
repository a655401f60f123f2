import Adversary
import Experiment
import Foundation
import TestSupport
import Testing

/// Whole runs with hostile sites.
@Suite(.serialized) struct AttackRunTests {
  private let study: SimulatedStudy

  init() throws { study = try SimulatedStudy() }

  private func model(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: study.folder.file(name + "/coordinator/model.safetensors")))
  }

  @Test func anAttackChangesTheModelTheSameWayEachTime() async throws {
    try await TrainingRun.execute(study.request("honest"), console: .silent)
    for text in ["signflip:sites=2", "labelflip:sites=2", "alie:sites=2,z=1.5", "freerider:sites=2"] {
      try await check(text)
    }
  }

  private func check(_ text: String) async throws {
    for (name, atOnce) in [("a", 1), ("b", 2)] {
      var request = study.request(name)
      request.force = true
      request.attack = try AttackChoice(text)
      request.sitesAtOnce = atOnce
      let outcome = try await TrainingRun.execute(request, console: .silent)
      #expect(outcome.results[0].rounds.map { $0.sites.count } == [6, 6])
      let path = study.folder.file(name + "/config.yaml")
      let configuration = try String(contentsOfFile: path, encoding: .utf8)
      #expect(configuration.contains("\(try AttackChoice(text))"))
      #expect(configuration.contains("hostile_sites:"))
    }
    #expect(try model("a") == model("b"))
    #expect(try model("a") != model("honest"))
  }

  /// They are left out of every round, and the model is another without them.
  @Test func absentSitesWeighNothing() async throws {
    var request = study.request("absent")
    request.attack = try AttackChoice("absent:sites=2")
    let outcome = try await TrainingRun.execute(request, console: .silent)
    let absent = outcome.results[0].rounds.map { $0.leftOut.map(\.site) }
    #expect(absent[0].count == 2 && absent[1] == absent[0])
    #expect(outcome.results[0].rounds.allSatisfy { $0.sites.count == 4 })
    try await TrainingRun.execute(study.request("whole"), console: .silent)
    #expect(try model("absent") != model("whole"))
  }

  @Test func anImpossibleAttackLeavesNoFolder() async throws {
    var request = study.request("none")
    request.attack = try AttackChoice("signflip:sites=6")
    await #expect(throws: AttackError.tooManySites(attack: "signflip", found: 6, trainers: 6)) {
      try await TrainingRun.execute(request, console: .silent)
    }
    #expect(!FileManager.default.fileExists(atPath: study.folder.file("none")))
  }
}
