import Foundation
import Imaging
import TestSupport
import Testing

/// What `predict` offers beside plain label maps.
@Suite struct PredictTests {
  private let folder: TemporaryFolder
  private let sites: TinySites
  private let run: String

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
    run = try TrainedRun.shared.get().path
  }

  private func predict(_ output: String, input: String? = nil, models: [String]? = nil, _ more: String...)
    throws
    -> SegfedProcess.Outcome
  {
    let named = (models ?? [run]).flatMap { ["--model", $0] }
    return try SegfedProcess.run(
      ["predict", "--input", input ?? sites.data, "--output", folder.file(output), "--quiet"] + named + more)
  }

  private func labels(_ output: String) throws -> [LabelVolume] {
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.file(output)).sorted()
    return try files.filter { $0.hasSuffix("_seg.nii.gz") }.map {
      try NIfTI.readLabels(folder.file(output) + "/" + $0)
    }
  }

  /// A table of cases is read as it is for training: the same maps as of the folder.
  @Test func aTableIsPredicted() throws {
    var table = "site,case,t1,t1ce,t2,flair\n"
    for site in ["birch", "hazel"] {
      for name in (1...3).map({ "\(site)-00\($0)" }) {
        let scans = ["t1", "t1ce", "t2", "flair"].map { "\(sites.data)/\(site)/\(name)/\(name)_\($0).nii.gz" }
        table += ([site, name] + scans).joined(separator: ",") + "\n"
      }
    }
    let path = try folder.write(Data(table.utf8), "cases.csv")
    let outcome = try predict("listed", input: path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try predict("found").code == 0)
    #expect(try labels("listed") == labels("found") && labels("listed").count == 6)
    let gap = table.replacing(",\(sites.data)/hazel/hazel-002/hazel-002_t2.nii.gz,", with: ",,")
    let short = try predict("gap", input: try folder.write(Data(gap.utf8), "gap.csv"))
    Refusal.check(short, names: "gap.csv/hazel/hazel-002", says: ["no t2"])
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func mapsLieInTheScansGrid() throws {
    let outcome = try predict("maps", "--probabilities", "--entropy")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.split(separator: "\n").count { $0.hasSuffix("_entropy.nii.gz") } == 6)
    let text = try PythonReference.run(script: "maps_check.py", arguments: [sites.data, folder.file("maps")])
    let found = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    #expect(
      found["cases"] as? Int == 6 && found["grids"] as? Int == 6 && found["certain_outside"] as? Int == 6)
    #expect((found["shapes"] as? [[Int]])?.allSatisfy { $0.count == 4 && $0[3] == 4 } == true)
    #expect(try #require(found["sum_error"] as? Double) < 1e-5)
    #expect(found["other_labels"] as? Int == 0)
    #expect(try #require(found["entropy_error"] as? Double) < 1e-5)
    for site in ["birch", "hazel"] {
      let picture = try PNG.readImage(folder.file("maps/\(site)/\(site)-001/\(site)-001_entropy.png"))
      #expect(picture.count == 3 && Set(picture[0].voxels).count > 10, "three slices in colour")
    }
    // The label maps are what they are without maps, and nothing else lies there.
    #expect(try predict("plain").code == 0)
    #expect(try labels("plain") == labels("maps") && labels("maps").count == 6)
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.file("maps"))
    #expect(files.allSatisfy { !$0.contains(".part-") })
    let again = try predict("maps", "--entropy")
    Refusal.check(again, names: folder.file("maps"))
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func calibrationIsThatOfTheMaps() throws {
    #expect(try predict("maps", "--probabilities").code == 0)
    let outcome = try evaluate("scores", models: [run])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("expected calibration error"))
    let text = try PythonReference.run(
      script: "calibration_check.py", arguments: [sites.data, folder.file("maps"), folder.file("scores")])
    let found = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    #expect(found["compared"] as? Int == 6 * 5 * 3)
    #expect(try #require(found["error"] as? Double) < 1e-6)
    #expect(try #require(found["largest"] as? Double) > 0.01)
  }

  private func evaluate(_ output: String, models: [String], _ more: String...) throws -> SegfedProcess.Outcome
  {
    let named = models.flatMap { ["--model", $0] }
    return try SegfedProcess.run(
      ["evaluate", "--data", sites.data, "--output", folder.file(output), "--allow-duplicates"] + named + more
    )
  }

  @Test func stepAndMirrorChangeTheBlend() throws {
    #expect(try predict("plain").code == 0)
    #expect(try predict("again", "--step", "0.5", "--no-mirror").code == 0)
    #expect(try predict("mirrored", "--mirror", "--step", "0.75").code == 0)
    #expect(try labels("plain") == labels("again"))
    #expect(try labels("plain") != labels("mirrored"))
    for (option, value) in [
      ("--step", "0"), ("--step", "1.5"), ("--minimum-size", "5cm3"), ("--keep-largest", "all"),
    ] {
      Refusal.checkUsage(try predict("none", option, value), says: [option])
    }
  }

  @Test func cleanUpTakesComponentsOut() throws {
    #expect(try predict("plain").code == 0)
    #expect(try predict("clean", "--keep-largest", "each", "--minimum-size", "1000000000mm3").code == 0)
    let all = try labels("clean")
    #expect(all.count == 6 && all.allSatisfy { map in map.labels.allSatisfy { $0 == 0 } })
    #expect(try predict("largest", "--keep-largest", "foreground").code == 0)
    for (map, largest) in try zip(labels("plain"), labels("largest")) {
      let voxels = (map.labels.count { $0 != 0 }, largest.labels.count { $0 != 0 })
      #expect(voxels.1 <= voxels.0 && (voxels.0 == 0) == (voxels.1 == 0))
    }
  }

  // MARK: - Ensembles
  @Test func sitesOfALocalRunAreAnEnsemble() throws {
    let outcome = try sites.train(output: folder.file("local"), "--mode", "local")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let input = sites.data + "/birch/birch-001"
    let own = ["birch", "hazel"].map { folder.file("local/sites/\($0)/model.safetensors") }
    #expect(try predict("folder", input: input, models: [folder.file("local/sites")]).code == 0)
    #expect(try predict("files", input: input, models: own).code == 0)
    #expect(try predict("turned", input: input, models: own.reversed()).code == 0)
    #expect(try predict("one", input: input, models: [own[0]]).code == 0)
    #expect(try labels("folder") == labels("files") && labels("turned") == labels("files"))
    #expect(try labels("folder") != labels("one"))
    // Each site's own, unless the folder of sites is named.
    #expect(try predict("sites", models: [folder.file("local")]).code == 0)
    #expect(try predict("all", models: [folder.file("local/sites")]).code == 0)
    #expect(try labels("sites").count == 6 && labels("all").count == 6 && labels("sites") != labels("all"))
    // An ensemble is scored as its label maps are, cleaned up or not.
    let clean = ["--keep-largest", "each"]
    #expect(
      try predict("clean", models: [folder.file("local/sites")], clean[0], clean[1]).code == 0)
    #expect(try evaluate("direct", models: [folder.file("local/sites")], clean[0], clean[1]).code == 0)
    let indirect = try SegfedProcess.run([
      "evaluate", "--data", sites.data, "--output", folder.file("indirect"), "--predictions",
      folder.file("clean"),
    ])
    #expect(indirect.code == 0, "\(indirect.errors)")
    for site in ["birch", "hazel"] {
      let tables = try ["direct", "indirect"].map { name in
        try String(contentsOfFile: folder.file("\(name)/sites/\(site)/metrics.csv"), encoding: .utf8)
          .split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      }
      // The model's own has calibration errors beside.
      #expect(tables[0].map { $0.dropLast(3) } == tables[1].map { $0[...] })
      #expect(tables[0].count == 1 + 3 * 5)
    }
    Refusal.checkUsage(
      try SegfedProcess.run(
        ["evaluate", "--data", sites.data, "--output", "x", "--predictions", "y", clean[0], clean[1]]),
      says: ["--keep-largest"])
  }

  /// The plan in a model's metadata is changed at equal length.
  @Test(arguments: [
    (
      "- t2\\n- flair", "- flair\\n- t2",
      ["contrasts", "t1, t1ce, flair, t2", "expected t1, t1ce, t2, flair"]
    ),
    ("7e+0", "8e+0", ["spacing", "[8.0, 8.0, 8.0]", "expected [7.0, 7.0, 7.0]"]),
  ]) func modelsThatDisagree(text: String, other: String, says: [String]) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: run + "/coordinator/model.safetensors"))
    var found = false
    while let place = bytes.range(of: Data(text.utf8)) {
      bytes.replaceSubrange(place, with: Data(other.utf8))
      found = true
    }
    #expect(found && text.utf8.count == other.utf8.count)
    let model = try folder.write(bytes, "other.safetensors")
    for input in [sites.data, sites.data + "/birch/birch-001"] {
      Refusal.check(try predict("out", input: input, models: [run, model]), names: model, says: says)
    }
    #expect(!Refusal.exists(folder.file("out")))
  }
}
