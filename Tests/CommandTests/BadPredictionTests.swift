import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

/// What `predict` and `evaluate` refuse.
@Suite struct BadPredictionTests {
  private let folder: TemporaryFolder
  private let sites: TinySites
  private let run: String

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
    run = try TrainedRun.shared.get().path
  }

  private func predict(model: String, input: String, output: String? = nil) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(
      "predict", "--model", model, "--input", input, "--output", output ?? folder.file("out"), "--quiet")
  }

  // MARK: - Models
  @Test func modelIsNoModel() throws {
    let empty = try folder.folder("empty")
    let text = try folder.write(Data("weights".utf8), "model.safetensors")
    let whole = try Data(contentsOf: URL(fileURLWithPath: run + "/coordinator/model.safetensors"))
    let cut = try folder.write(whole.dropLast(100), "cut.safetensors")
    let scan = sites.data + "/birch/birch-001/birch-001_t1.nii.gz"
    for model in [empty, text, cut, scan, folder.file("none"), "/dev/null"] {
      Refusal.check(try predict(model: model, input: sites.data), names: model)
      let scores = try SegfedProcess.run(
        "evaluate", "--model", model, "--data", sites.data, "--output", folder.file("out"), "--quiet")
      Refusal.check(scores, names: model)
      #expect(!Refusal.exists(folder.file("out")))
    }
  }

  /// A model of a later release is refused, not misread. The text is replaced at equal length.
  @Test func modelIsNewer() throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: run + "/coordinator/model.safetensors"))
    let place = try #require(bytes.range(of: Data("\"schema_version\":\"1\"".utf8)))
    bytes.replaceSubrange(place, with: Data("\"schema_version\":\"2\"".utf8))
    let model = try folder.write(bytes, "newer.safetensors")
    Refusal.check(
      try predict(model: model, input: sites.data), names: model, says: ["schema_version is 2", "expected 1"])
    #expect(!Refusal.exists(folder.file("out")))
  }

  // MARK: - Inputs
  @Test func contrastIsMissing() throws {
    let data = try sites.copy(to: folder)
    for site in ["birch", "hazel"] {
      for number in 1...3 {
        try FileManager.default.removeItem(
          atPath: "\(data)/\(site)/\(site)-00\(number)/\(site)-00\(number)_t2.nii.gz")
      }
    }
    // The folder agrees with itself; only the model knows that something is missing.
    Refusal.check(
      try predict(model: run, input: data), names: data + "/birch/birch-001",
      says: ["t1, t1ce, flair", "expected t2"])
    Refusal.check(
      try predict(model: run, input: data + "/hazel/hazel-002"), names: data + "/hazel/hazel-002",
      says: ["expected t2"])
    #expect(!Refusal.exists(folder.file("out")))
  }

  @Test func oneFileForFourContrasts() throws {
    let scan = sites.data + "/birch/birch-001/birch-001_t1.nii.gz"
    Refusal.check(
      try predict(model: run, input: scan), names: scan, says: ["t1, t1ce, t2, flair", "folder of the case"])
  }

  @Test(arguments: BadScan.all.filter { $0.names.contains("_flair") })
  func scanIsRefused(bad: BadScan) throws {
    let data = try sites.copy(to: folder)
    try bad.damage(data)
    let outcome = try predict(model: run, input: data + "/hazel/hazel-002")
    Refusal.check(outcome, names: "hazel-002_flair.nii", says: bad.says)
    #expect(!Refusal.exists(folder.file("out")))
  }

  @Test func inputIsNothing() throws {
    let empty = try folder.folder("empty")
    for input in [empty, folder.file("none"), "/dev/null"] {
      Refusal.check(try predict(model: run, input: input), names: input)
    }
  }

  // MARK: - Outputs
  @Test func outputIsRefused() throws {
    let input = sites.data + "/birch/birch-001"
    let file = try folder.write(Data("text".utf8), "file")
    let taken = try folder.write(Data("mine".utf8), "taken.nii.gz")
    Refusal.check(try predict(model: run, input: input, output: file + "/x"), names: file)
    Refusal.check(try predict(model: run, input: input, output: file), names: file)
    Refusal.check(
      try predict(model: run, input: input, output: taken), names: taken, says: ["already exists"])
    #expect(try String(contentsOfFile: taken, encoding: .utf8) == "mine")
    let picture = folder.file("labels.png")
    Refusal.check(
      try predict(model: run, input: input, output: picture), names: picture, says: [".nii.gz"])
    for output in ["/proc/segfed/out", "/dev/null/out"] {
      Refusal.check(
        try predict(model: run, input: sites.data, output: output), names: output,
        says: ["cannot be written"])
    }
  }

  // MARK: - Evaluation
  @Test func predictionIsMissing() throws {
    let predictions = folder.file("predictions")
    #expect(try predict(model: run, input: sites.data, output: predictions).code == 0)
    try FileManager.default.removeItem(atPath: predictions + "/hazel/hazel-003")
    Refusal.check(
      try evaluate(predictions), names: predictions, says: ["hazel/hazel-003/hazel-003_seg.nii.gz"])
    #expect(!Refusal.exists(folder.file("scores")))
  }

  @Test func predictionHasAnotherGrid() throws {
    let predictions = folder.file("predictions")
    #expect(try predict(model: run, input: sites.data, output: predictions).code == 0)
    let path = predictions + "/hazel/hazel-002/hazel-002_seg.nii.gz"
    var map = try NIfTI.readLabels(path)
    map.geometry.size.z -= 1
    map = LabelVolume(geometry: map.geometry, labels: Array(map.labels.prefix(map.geometry.count)))
    try NIfTI.write(map, to: path, options: .labels)
    Refusal.check(
      try evaluate(predictions), names: path, says: ["voxels, expected", "hazel-002_seg.nii.gz"])
    #expect(!Refusal.exists(folder.file("scores")))
  }

  @Test func evaluationReplacesOnlyEvaluations() throws {
    let scores = folder.file("scores")
    #expect(try evaluate(sites.data).code == 0)
    Refusal.check(try evaluate(sites.data), names: scores, says: ["already exists", "--force"])
    #expect(try evaluate(sites.data, "--force").code == 0)
    let outcome = try SegfedProcess.run(
      "evaluate", "--predictions", sites.data, "--data", sites.data, "--output", run, "--force", "--quiet")
    Refusal.check(outcome, names: run, says: ["not an evaluation"])
    #expect(Refusal.exists(run + "/metrics.json"))
  }

  private func evaluate(_ predictions: String, _ more: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(
      [
        "evaluate", "--predictions", predictions, "--data", sites.data, "--output", folder.file("scores"),
        "--quiet",
      ]
        + more)
  }
}
