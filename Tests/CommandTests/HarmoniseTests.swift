import Foundation
import TestSupport
import Testing

/// `segfed harmonise` through the binary.
@Suite struct HarmoniseTests {
  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.oneCaseEach.get()
  }

  private func harmonise(_ output: String, _ more: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(
      ["harmonise", "--data", sites.data, "--output", folder.file(output), "--plan", sites.plan] + more)
  }

  @Test func casesComeOutInOneForm() throws {
    let run = try harmonise("out", "--nifti", "--intensity", "atlas")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("intensity atlas: agreed between 6 sites"))
    #expect(run.output.contains("no scan left a site"))
    for site in ["aspen", "birch", "cedar", "hazel", "linden", "rowan"] {
      for name in ["flair", "seg"] {
        #expect(Refusal.exists(folder.file("out/sites/\(site)/\(site)-001/\(site)-001_\(name).nii.gz")))
      }
      #expect(Refusal.exists(folder.file("out/sites/\(site)/fits.json")))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("out/cache/birch")).count == 1)
    // The cache serves a second run; an earlier result is only replaced on request.
    Refusal.check(try harmonise("out", "--quiet"), names: folder.file("out"))
    #expect(try harmonise("out", "--force", "--quiet").code == 0)
  }

  @Test(arguments: ["none", "z-score", "min-max", "atlas", "white-stripe", "fuzzy-c-means"])
  func everyMethodRuns(method: String) throws {
    let run = try harmonise("out", "--intensity", method, "--clip", "0.5,99.5", "--quiet")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("intensity \(method)"))
  }

  @Test func biasFieldAndOtsu() throws {
    let run = try harmonise("out", "--bias-field", "n4", "--brain-mask", "otsu", "--interpolation", "linear")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("linear resampling, mask otsu, N4 bias correction"))
  }

  @Test func whatCannotBeIsRefused() throws {
    Refusal.checkUsage(try harmonise("out", "--clip", "9"), says: ["two percentiles"])
    Refusal.checkUsage(
      try harmonise("out", "--intensity", "none", "--atlas", "x"), says: ["--intensity atlas"])
    Refusal.check(try harmonise("out", "--quiet", "--atlas", "none.json"), names: "none.json")
    let text = try folder.write(Data("{\"schema_version\": 1}".utf8), "atlas.json")
    Refusal.check(try harmonise("out", "--quiet", "--atlas", text), names: text, says: ["11 ascending"])
    let newer = try folder.write(Data("{\"schema_version\": 2}".utf8), "newer.json")
    Refusal.check(try harmonise("out", "--quiet", "--atlas", newer), names: newer, says: ["schema_version 2"])
    Refusal.check(
      try harmonise("out", "--quiet", "--brain-mask", "given"), names: sites.data,
      says: ["no brain mask", "_mask"])
    #expect(!Refusal.exists(folder.file("out/harmonisation.json")))
  }

  @Test func aGivenMaskCounts() throws {
    let data = folder.file("data")
    try FileManager.default.copyItem(atPath: sites.data, toPath: data)
    for site in ["aspen", "birch", "cedar", "hazel", "linden", "rowan"] {
      let stem = "\(data)/\(site)/\(site)-001/\(site)-001_"
      try FileManager.default.copyItem(atPath: stem + "seg.nii.gz", toPath: stem + "mask.nii.gz")
    }
    let run = try SegfedProcess.run(
      "harmonise", "--data", data, "--output", folder.file("out"), "--plan", sites.plan, "--brain-mask",
      "given")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("contrasts: t1, t1ce, t2, flair\n"))
  }
}
