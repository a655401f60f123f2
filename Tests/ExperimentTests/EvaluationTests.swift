import Experiment
import Foundation
import Foundations
import Metrics
import TestSupport
import Testing

/// A model scored directly and through its written predictions gives one table.
@Suite(.serialized) struct EvaluationTests {
  @Test func modelAndItsPredictionsScoreTheSame() async throws {
    let study = try SimulatedStudy()
    try await TrainingRun.execute(study.request("run"), console: .silent)
    let written = try Prediction.execute(
      Prediction.Request(
        models: [study.folder.file("run")], input: study.data, output: study.folder.file("predictions"),
        threads: 2), console: .silent)
    #expect(written.count == 24)
    var request = Evaluation.Request(
      source: .models([study.folder.file("run")]), data: study.data, output: study.folder.file("direct"),
      threads: 2)
    request.policy.allowsDuplicates = true
    let direct = try Evaluation.execute(request, console: .silent)
    let indirect = try Evaluation.execute(
      Evaluation.Request(
        source: .predictions(study.folder.file("predictions")), data: study.data,
        output: study.folder.file("indirect"), threads: 2), console: .silent)
    #expect(direct.sites == indirect.sites)
    #expect(direct.meanOverCases == indirect.meanOverCases)
    #expect(direct.sites.map(\.cases) == [4, 4, 4, 4, 4, 4])
  }

  @Test func referencesScoreOneAgainstThemselves() throws {
    let study = try SimulatedStudy(casesPerSite: 1)
    let scores = try Evaluation.execute(
      Evaluation.Request(
        source: .predictions(study.data), data: study.data, output: study.folder.file("self"), threads: 1),
      console: .silent)
    #expect(scores.meanOverCases == [1, 1, 1])
  }

  /// Each convention's table names it, and its files hold what it has; references against themselves are perfect.
  @Test(arguments: MetricConvention.names)
  func conventionsAreNamedAndWrittenDown(name: String) throws {
    let study = try SimulatedStudy(casesPerSite: 1)
    let output = study.folder.file("self")
    var request = Evaluation.Request(
      source: .predictions(study.data), data: study.data, output: output, threads: 2)
    let convention = try #require(MetricConvention.named(name))
    request.metrics = MetricSettings(convention, lesions: name.hasPrefix("brats") ? .glioma : nil)
    let scores = try Evaluation.execute(request, console: .silent)
    #expect(scores.meanOverCases[0] == 1)
    #expect(scores.text().contains("convention \(name):") && scores.text().contains("convention \(name) ("))
    let lines = try String(contentsOfFile: output + "/sites/aspen/metrics.csv", encoding: .utf8)
      .split(whereSeparator: \.isNewline)
    let columns = request.metrics.withoutProbabilities.metrics.map(\.rawValue)
    #expect(lines[0] == "case,region," + columns.joined(separator: ","))
    #expect(
      lines.dropFirst().map { $0.split(separator: ",")[1] } == ["WT", "TC", "ET", "necrotic core", "edema"])
    let document = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: output + "/metrics.json")))
    let metrics = try #require(
      ((document as? [String: Any])?["overall"] as? [String: Any])?["metrics"] as? [String: [String: Any]])
    #expect(Set(metrics.keys) == ["WT", "TC", "ET", "necrotic core", "edema"])
    let distance = try #require(metrics["WT"])["hd95_mm"] as? [String: Any]
    #expect(name == "nnunet" ? distance == nil : distance?["mean"] as? Double == 0)
  }

  @Test func everySiteIsHeldOutOnce() async throws {
    let study = try SimulatedStudy(casesPerSite: 3)
    var request = study.request("loso")
    request.rounds = 1
    let scores = try await CrossValidation(.leaveOneSiteOut).execute(request, console: .silent)
    #expect(scores.map(\.site) == ["aspen", "birch", "cedar", "hazel", "linden", "rowan"])
    #expect(scores.map(\.cases) == [3, 3, 3, 3, 3, 3])
    for site in ["aspen", "rowan"] {
      #expect(FileManager.default.fileExists(atPath: study.folder.file("loso/folds/\(site)/metrics.json")))
    }
    #expect(FileManager.default.fileExists(atPath: study.folder.file("loso/loso.json")))
  }
}
