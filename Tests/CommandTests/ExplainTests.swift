import Foundation
import Imaging
import TestSupport
import Testing

/// `segfed explain`, on a run that has hardly learned: what it writes, and what it refuses.
@Suite struct ExplainTests {
  private let folder: TemporaryFolder
  private let sites: TinySites
  private let run: String

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
    run = try TrainedRun.shared.get().path
  }

  @Test func tableOfWithheldContrasts() throws {
    let output = folder.file("out")
    let outcome = try SegfedProcess.run(
      "explain", "--model", run, "--data", sites.data, "--allow-duplicates", "--output", output, "--json",
      "--quiet")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    #expect(json["cases"] as? Int == 6)
    let withheld = try #require(json["withheld"] as? [String: [String: [String: Double]]])
    #expect(withheld.keys.sorted() == ["flair", "t1", "t1ce", "t2"])
    let complete = try #require(json["dice"] as? [String: Double])
    for (contrast, values) in withheld {
      for (region, dice) in try #require(values["dice"]) {
        let fall = try #require(values["fall"]?[region])
        let expected = try #require(complete[region]) - dice
        #expect(abs(fall - expected) < 1e-9, "\(contrast), \(region)")
      }
    }
    // One network reads all contrasts: without any of them it predicts otherwise.
    #expect(withheld.values.contains { ($0["fall"] ?? [:]).values.contains { $0 != 0 } })
    #expect(try String(contentsOfFile: output + "/occlusion.json", encoding: .utf8) == outcome.output)
    let cases = try String(contentsOfFile: output + "/sites/birch/occlusion.csv", encoding: .utf8)
    #expect(cases.split(separator: "\r\n").count == 1 + 3 * 5)
    // Again only when asked to, and never over something else.
    let again = try SegfedProcess.run(
      "explain", "--model", run, "--data", sites.data, "--output", output, "--quiet")
    Refusal.check(again, names: output, says: ["already exists"])
    let over = try SegfedProcess.run(
      "explain", "--model", run, "--data", sites.data, "--output", run, "--force", "--quiet")
    Refusal.check(over, names: run, says: ["not an explanation"])
    let forced = try SegfedProcess.run(
      "explain", "--model", run, "--data", sites.data, "--allow-duplicates", "--output", output, "--quiet",
      "--force", "--threads", "1")
    #expect(forced.code == 0 && forced.output.contains("against the label maps"), "\(forced.errors)")
    // Cases that the model was trained on say little of it.
    let trained = try SegfedProcess.run(
      "explain", "--model", run, "--data", sites.data, "--output", folder.file("trained"), "--quiet")
    Refusal.check(trained, names: "--allow-duplicates", says: ["(training)"])
    #expect(!Refusal.exists(folder.file("trained")))
  }

  @Test func heatMapsLieInTheScansGrid() throws {
    let output = folder.file("out")
    let input = sites.data + "/hazel/hazel-001"
    let outcome = try SegfedProcess.run(
      "explain", "--model", run, "--input", input, "--label", "WT", "--label", "2", "--output", output,
      "--quiet")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let scan = try NIfTI.readVolume(input + "/hazel-001_t1.nii.gz")
    for label in ["WT", "2"] {
      let map = try NIfTI.readVolume(output + "/hazel-001_\(label)_heat.nii.gz")
      #expect(map.geometry == scan.geometry)
      #expect(map.voxels.allSatisfy { (0...1).contains($0) })
      let isEmpty = outcome.output.contains("no voxel is predicted as \(label)")
      #expect(map.voxels.max() == (isEmpty ? 0 : 1))
      let picture = try PNG.readImage(output + "/hazel-001_\(label)_overlay.png")
      // Red, green, blue; four contrasts below each other, three slices of each.
      #expect(picture.count == 3 && picture[0].geometry.size.x == 3 * 204 + 4)
      #expect(picture[0].geometry.size.y == 4 * 204 + 4)
    }
    let table = try String(contentsOfFile: output + "/hazel-001_occlusion.csv", encoding: .utf8)
    #expect(table.split(separator: "\r\n").count == 1 + 2 * 5)
    // The same prediction against itself.
    #expect(table.contains(",WT,1,1.0,\r\n"))
    let again = try SegfedProcess.run(
      "explain", "--model", run, "--input", input, "--label", "WT", "--output", output, "--quiet")
    Refusal.check(again, names: output, says: ["already exists"])
  }

  @Test func picturesGivePictures() throws {
    let slices = try TinySites.slices.get()
    let run = folder.file("run")
    #expect(try slices.train(output: run).code == 0)
    let output = folder.file("out")
    let outcome = try SegfedProcess.run(
      "explain", "--model", run, "--input", slices.data + "/birch", "--output", output, "--quiet", "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let files = try #require(try outcome.json()["files"] as? [String])
    #expect(
      files.contains { $0.hasSuffix("_WT_heat.png") }
        && files.allSatisfy { FileManager.default.fileExists(atPath: $0) })
  }

  @Test func unknownLabelsAndStagesAreNamed() throws {
    let input = sites.data + "/hazel/hazel-001"
    let label = try SegfedProcess.run(
      "explain", "--model", run, "--input", input, "--label", "liver", "--output", folder.file("a"), "--quiet"
    )
    Refusal.check(label, names: "model.safetensors", says: ["liver", "WT, TC, ET"])
    let stage = try SegfedProcess.run(
      "explain", "--model", run, "--input", input, "--stage", "encoder.9", "--output", folder.file("b"),
      "--quiet")
    Refusal.check(stage, names: "model.safetensors", says: ["encoder.9", "encoder.1"])
    #expect(!Refusal.exists(folder.file("a")) && !Refusal.exists(folder.file("b")))
  }

  @Test(arguments: [
    ["--data", "x", "--input", "y"], [], ["--data", "x", "--label", "WT"],
    ["--data", "x", "--stage", "encoder.0"],
  ]) func badUsage(_ more: [String]) throws {
    let outcome = try SegfedProcess.run(["explain", "--model", run, "--output", folder.file("c")] + more)
    #expect(outcome.code == 64)
  }
}
