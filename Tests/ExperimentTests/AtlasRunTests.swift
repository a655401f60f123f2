import Coordinator
import Experiment
import Foundation
import Foundations
import Harmonization
import Imaging
import TestSupport
import Testing
import Training

/// Sites agree on an intensity atlas, by messages alone.
@Suite(.serialized) struct AtlasRunTests {
  let study: SimulatedStudy

  init() throws { study = try SimulatedStudy() }

  private func harmonise(
    _ data: String, _ output: String, _ change: (inout HarmonizationRun.Request) -> Void = { _ in }
  ) async throws -> IntensityAtlas {
    var request = HarmonizationRun.Request(data: data, output: study.folder.file(output), threads: 2)
    request.plan = study.plan
    request.choice.intensity = .atlas
    change(&request)
    try await HarmonizationRun.execute(request, console: .silent)
    return try IntensityAtlas.read(study.folder.file(output + "/coordinator/atlas.json"))
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

  /// Counts and sums of six sites give what the pooled scans give, to rounding.
  @Test func theAtlasIsThatOfPooledScans() async throws {
    let federated = try await harmonise(study.data, "federated")
    let pooled = try await harmonise(pooledTable(), "pooled")
    #expect(federated.contrasts.map(\.name) == ["flair", "t1", "t1ce", "t2"])
    for (one, other) in zip(federated.contrasts, pooled.contrasts) {
      #expect(one.scans == 24 && other.scans == 24 && one.name == other.name)
      for (a, b) in zip(one.scale.landmarks, other.scale.landmarks) { #expect(abs(a - b) < 3e-11 * 100) }
    }
  }

  /// Nothing is fitted the second time, and a new site needs the atlas alone.
  @Test func fitsAndAtlasAreUsedAgain() async throws {
    let atlas = try await harmonise(study.data, "first") { $0.writesNIfTI = true }
    let scan = "sites/hazel/hazel-001/hazel-001_t2.nii.gz"
    let first = try NIfTI.readVolume(study.folder.file("first/" + scan))
    _ = try await harmonise(study.data, "second") { request in
      request.writesNIfTI = true
      request.fits = study.folder.file("first")
      request.choice.atlas = atlas
    }
    #expect(try NIfTI.readVolume(study.folder.file("second/" + scan)) == first)
    let alone = try study.folder.folder("alone") + "/hazel"
    try FileManager.default.copyItem(atPath: study.data + "/hazel", toPath: alone)
    _ = try await harmonise(study.folder.file("alone"), "third") { request in
      request.writesNIfTI = true
      request.choice.atlas = atlas
    }
    #expect(try NIfTI.readVolume(study.folder.file("third/" + scan)) == first)
  }

  /// In a run training cases alone make the atlas, a held-out site is told it, and its bytes are counted.
  @Test func trainingAgreesFirst() async throws {
    var request = study.request("run")
    request.harmonisation.intensity = .atlas
    request.holdOut = "rowan"
    let outcome = try await TrainingRun.execute(request, console: .silent)
    let atlas = try IntensityAtlas.read(study.folder.file("run/coordinator/atlas.json"))
    // Four cases a site, of which one validates and one tests.
    #expect(atlas.contrasts.allSatisfy { $0.scans == 10 })
    let kinds = outcome.results[0].traffic.map { traffic in traffic.kinds.map(\.kind.label) }
    for (site, kinds) in zip(outcome.results[0].traffic.map(\.site), kinds) {
      #expect(kinds.contains("atlas_notice") && kinds.contains("site_landmarks") == (site != "rowan"))
    }
    let model = try ModelFile.read(study.folder.file("run"))
    #expect(model.plan.harmonisation.atlas == atlas)
    var evaluation = Evaluation.Request(
      source: .models([study.folder.file("run")]), data: study.data, output: study.folder.file("scores"),
      threads: 2)
    // The other sites' training cases are scored beside the one that was held out.
    evaluation.policy.allowsDuplicates = true
    let scores = try Evaluation.execute(evaluation, console: .silent)
    let rowan = try #require(outcome.tests.first { $0.site == "rowan" })
    #expect(scores.sites.last?.dice == rowan.regions.map(\.mean))
  }

  @Test func aSiteAloneAgreesWithNobody() async throws {
    var request = study.request("local")
    request.mode = .local
    request.harmonisation.intensity = .atlas
    await #expect(throws: ExperimentError.atlasAlone) {
      try await TrainingRun.execute(request, console: .silent)
    }
  }
}
