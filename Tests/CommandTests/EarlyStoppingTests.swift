import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

/// What ends and chooses a training is validation alone; test cases are for the end.
@Suite struct EarlyStoppingTests {
  private struct Metrics: Decodable {
    struct EarlyStopping: Decodable {
      struct Training: Decodable {
        let site: String?
        let bestRound: Int?
        let stoppedAfterRound: Int?
      }

      let patience: Int
      let trainings: [Training]
    }

    let earlyStopping: EarlyStopping?
  }

  private func metrics(_ path: String) throws -> Metrics {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(
      Metrics.self, from: Data(contentsOf: URL(fileURLWithPath: path + "/metrics.json")))
  }

  private func rounds(_ journal: String) throws -> Int {
    try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n")
      .filter { $0.contains(#""entry":"round""#) }.count
  }

  /// With a learning rate that changes no weight every round scores the same: the first is the best.
  @Test(arguments: ["federated", "centralised", "local"]) func itStopsInEveryMode(mode: String) throws {
    let plan = TinySites.planText(rounds: 9, more: "early_stopping: {patience: 2}")
      .replacing("0.003", with: "1e-30")
    let study = try ResumableStudy(["train", "--mode", mode], plan: plan)
    let run = study.folder.file("whole")
    let report = try #require(try metrics(run).earlyStopping)
    #expect(report.patience == 2)
    #expect(report.trainings.map(\.site) == (mode == "local" ? ["birch", "hazel"] : [nil]))
    #expect(report.trainings.allSatisfy { $0.bestRound == 1 && $0.stoppedAfterRound == 3 })
    for folder in mode == "local" ? ["sites/birch", "sites/hazel"] : ["coordinator"] {
      let journal = "\(run)/\(folder)/rounds.jsonl"
      #expect(try rounds(journal) == 3)
      let end = try #require(
        try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n").last)
      #expect(end.contains(#""early_stopping":{"best_round":1,"patience":2,"stopped_after_round":3}"#))
    }
    // Killed behind the second round: what is left of the patience is not forgotten.
    let second = study.points.indices.filter { study.points[$0].hasPrefix("append") }[1]
    let killed = try study.start("run", failing: "any:\(second + 6):kill").wait()
    #expect(killed.code == -9)
    try study.checkResume("run", "after the second round")
  }

  @Test func aPlanThatCannotBeIsRefused() throws {
    let folder = try TemporaryFolder()
    let sites = try TinySites.shared.get()
    for (text, says) in [
      ("early_stopping: {patience: 0}", "early_stopping, patience: found 0"),
      ("early_stopping: {rounds: 3}", "early_stopping"), ("checkpoint_steps: 0", "checkpoint_steps: found 0"),
    ] {
      let plan = try folder.write(Data(TinySites.planText(more: text).utf8), "plan.yaml")
      let outcome = try SegfedProcess.run(
        "train", "--data", sites.data, "--output", folder.file("run"), "--plan", plan, "--quiet")
      Refusal.check(outcome, names: plan, says: [says])
    }
    let text = TinySites.planText(more: "early_stopping: {patience: 3}")
      .replacing("validation: 0.2", with: "validation: 0")
    let plan = try folder.write(Data(text.utf8), "plan.yaml")
    let outcome = try SegfedProcess.run(
      "train", "--data", sites.data, "--output", folder.file("run"), "--plan", plan, "--quiet")
    Refusal.check(outcome, names: "validation cases", says: ["early_stopping"])
  }

  /// Other test cases, the same training: weights, validation and the chosen round do not know them.
  @Test func testCasesChangeNothingBeforeTheEnd() throws {
    let plan = TinySites.planText(rounds: 4, more: "early_stopping: {patience: 2}")
    let study = try ResumableStudy(["train", "--model-choice", "best-validation"], plan: plan)
    let data = try study.sites.copy(to: study.folder)
    for site in ["birch", "hazel"] {
      let table = try String(
        contentsOfFile: study.folder.file("whole/sites/\(site)/cases.csv"), encoding: .utf8)
      let rows: [[Substring]] = table.split(whereSeparator: \.isNewline).map { $0.split(separator: ",") }
      let tested: [String] = rows.filter { $0[1] == "test" }.map { String($0[0]) }
      #expect(tested.count == 1)
      for name in tested { try turn("\(data)/\(site)/\(name)") }
    }
    let outcome = try study.start("other", ["--data", data]).wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    let other = try RunContents(study.folder.file("other"))
    let tested = ["birch", "hazel"].flatMap { ["sites/\($0)/cases.csv", "sites/\($0)/metrics.csv"] }
    #expect(
      other.difference(from: study.whole)
        == (["config.yaml", "coordinator/rounds.jsonl", "metrics.csv", "metrics.json"] + tested).sorted())
    // The journals differ in their last line alone, which holds the test.
    func lines(_ run: String) throws -> [Substring] {
      try String(contentsOfFile: study.folder.file(run + "/coordinator/rounds.jsonl"), encoding: .utf8)
        .replacing(/"seconds":[0-9.e-]+|"chain":"[0-9a-f]+"/, with: "").split(separator: "\n").dropLast()
    }
    #expect(try lines("other") == lines("whole"))
  }

  /// Puts every scan and label map of a case upside down.
  private func turn(_ folder: String) throws {
    for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let path = folder + "/" + file
      if file.contains("_seg") {
        var map = try NIfTI.readLabels(path)
        map.labels.reverse()
        try NIfTI.write(map, to: path, options: .labels)
      } else {
        var scan = try NIfTI.readVolume(path)
        scan.voxels.reverse()
        let header = try NIfTI.header(path)
        try NIfTI.write(
          scan, to: path,
          options: NIfTIWriteOptions(
            dataType: header.dataType, slope: header.scaling?.slope ?? 1,
            intercept: header.scaling?.intercept ?? 0, geometry: header))
      }
    }
  }
}
