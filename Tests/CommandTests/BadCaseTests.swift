import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

/// What is refused by default, and the flag that lets it pass or leaves it out.
@Suite struct BadCaseTests {
  private let folder: TemporaryFolder
  private let sites: TinySites
  private let data: String

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
    data = try sites.copy(to: folder)
  }

  private func file(_ name: String, _ contrast: String) -> String {
    let site = name.split(separator: "-")[0]
    return "\(data)/\(site)/\(name)/\(name)_\(contrast).nii.gz"
  }

  private func train(_ output: String, _ more: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(
      ["train", "--data", data, "--output", folder.file(output), "--plan", sites.plan, "--quiet"] + more)
  }

  /// A fourth case at hazel, so that one can be left out.
  private func addCase() throws {
    let target = try folder.folder("data/hazel/hazel-004")
    for contrast in ["t1", "t1ce", "t2", "flair", "seg"] {
      try FileManager.default.copyItem(
        atPath: file("hazel-003", contrast), toPath: target + "/hazel-004_\(contrast).nii.gz")
    }
  }

  @Test(arguments: ["flair", "seg", ""])
  func badCasesAreLeftOutAndReported(damaged: String) throws {
    try addCase()
    if damaged.isEmpty {
      try FileManager.default.removeItem(atPath: file("hazel-004", "t2"))
    } else {
      try Data("no scan".utf8).write(to: URL(fileURLWithPath: file("hazel-004", damaged)))
    }
    let refused = try train("refused")
    Refusal.check(refused, names: "\(data)/hazel/hazel-004")
    let run = try train("run", "--skip-bad-cases")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("Left out: 1 case that failed a check (hazel 1)"))
    let list = try String(contentsOfFile: folder.file("run/sites/hazel/skipped.csv"), encoding: .utf8)
    #expect(list.contains("hazel-004,") && list.split(whereSeparator: \.isNewline).count == 2)
    let metrics =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: folder.file("run/metrics.json")))) as? [String: Any]
    #expect(metrics?["skipped_cases"] as? [String: Int] == ["hazel": 1])
    #expect(!Refusal.exists(folder.file("run/sites/birch/skipped.csv")))
  }

  @Test func theSameScanAtTwoSitesIsRefused() throws {
    for contrast in ["t1", "t1ce", "t2", "flair", "seg"] {
      try FileManager.default.removeItem(atPath: file("birch-002", contrast))
      // Another header and compression: the content counts.
      let scan = file("hazel-001", contrast)
      var options = NIfTIWriteOptions(compressionLevel: 1)
      options.dataType = contrast == "seg" ? .uint8 : .float32
      options.version = 2
      let target = file("birch-002", contrast)
      if contrast == "seg" {
        try NIfTI.write(NIfTI.readLabels(scan), to: target, options: options)
      } else {
        try NIfTI.write(NIfTI.readVolume(scan), to: target, options: options)
      }
    }
    let refused = try train("refused")
    Refusal.check(refused, names: "birch/birch-002", says: ["hazel/hazel-001", "--allow-duplicates"])
    #expect(!Refusal.exists(folder.file("refused")))
    #expect(try train("run", "--allow-duplicates").code == 0)
    #expect(
      try String(contentsOfFile: folder.file("run/config.yaml"), encoding: .utf8).contains(
        "allow_duplicates: true"))
  }

  @Test func theSameScanInTwoPartsIsRefused() throws {
    for (from, to) in [("hazel-001", "hazel-002"), ("hazel-001", "hazel-003")] {
      for contrast in ["t1", "t1ce", "t2", "flair", "seg"] {
        try FileManager.default.removeItem(atPath: file(to, contrast))
        try FileManager.default.copyItem(atPath: file(from, contrast), toPath: file(to, contrast))
      }
    }
    Refusal.check(try train("refused"), names: "hazel/hazel-00", says: ["(training)", "--allow-duplicates"])
  }

  @Test func labelsOutsideTheBrainAreRefused() throws {
    let path = file("hazel-002", "seg")
    var map = try NIfTI.readLabels(path)
    for index in 0..<40 { map.labels[index] = 2 }
    try NIfTI.write(map, to: path, options: .labels)
    let refused = try train("refused")
    Refusal.check(refused, names: path, says: ["outside the brain", "--allow-labels-outside-brain"])
    #expect(try train("run", "--allow-labels-outside-brain").code == 0)
    let skipping = try train("skipping", "--skip-bad-cases")
    Refusal.check(skipping, names: "hazel", says: ["0"])
  }

  @Test func labelsOfAnotherGridAreRefused() throws {
    let path = file("hazel-002", "seg")
    let map = try NIfTI.readLabels(path)
    let other = map.permuted(AxisPermutation(sources: SIMD3(1, 2, 0), flips: [true, false, false]))
    try NIfTI.write(other, to: path, options: .labels)
    Refusal.check(try train("refused"), names: path)
    let run = try train("run", "--resample-labels")
    #expect(run.code == 0, "\(run.errors)")
    try NIfTI.write(map, to: path, options: .labels)
    #expect(try train("straight").code == 0)
    let model = "coordinator/model.safetensors"
    #expect(
      try SafetensorsTensors.bytes(folder.file("run/" + model))
        == SafetensorsTensors.bytes(folder.file("straight/" + model)))
  }
}

/// The tensors of a model file, without the metadata before them.
private enum SafetensorsTensors {
  static func bytes(_ path: String) throws -> Data {
    let file = try Data(contentsOf: URL(fileURLWithPath: path))
    let length = file.prefix(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    return file.dropFirst(8 + Int(length))
  }
}
