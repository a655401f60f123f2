import Foundation
import Imaging
import TestSupport
import Testing

/// `segfed inspect` as it is typed.
@Suite struct InspectTests {
  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
  }

  /// A data set that training refuses: the audit goes on, says what is wrong, and ends with code 0.
  @Test func auditGoesOnOverBrokenCases() throws {
    let data = try sites.copy(to: folder)
    for bad in BadScan.all.filter({ ["NaN voxel", "missing label map"].contains($0.testDescription) }) {
      try bad.damage(data)
    }
    let twin = "\(data)/birch/birch-002/birch-002_"
    for contrast in ["t1", "t1ce", "t2", "flair"] {
      try FileManager.default.removeItem(atPath: twin + contrast + ".nii.gz")
      try FileManager.default.copyItem(
        atPath: "\(data)/birch/birch-001/birch-001_\(contrast).nii.gz", toPath: twin + contrast + ".nii.gz")
    }
    let output = folder.file("inspection")
    let outcome = try SegfedProcess.run("inspect", "--data", data, "--output", output)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("NaN or infinite voxels") && outcome.output.contains("missing label map"))
    #expect(outcome.output.contains("same scan twice at the site"))
    #expect(outcome.output.contains("heterogeneity") && outcome.output.contains("overall"))
    #expect(outcome.errors.contains("inspecting: 6/6") && !outcome.errors.contains("-00"))
    // Cases, files and paths are the sites' own.
    let shared = try String(contentsOfFile: output + "/inspection.json", encoding: .utf8)
    for text in [shared, outcome.output] {
      #expect(!text.contains("-00") && !text.contains(folder.path) && !text.contains(".nii"))
    }
    let own = try String(contentsOfFile: output + "/sites/hazel/cases.json", encoding: .utf8)
    #expect(own.contains("hazel-002") && !own.contains("birch-00"))
    for name in ["cases.csv", "slices.png"] { #expect(Refusal.exists("\(output)/sites/birch/\(name)")) }
    let again = try SegfedProcess.run("inspect", "--data", data, "--output", output, "--quiet")
    Refusal.check(again, names: output, says: ["--force"])
    let json = try SegfedProcess.run(
      "inspect", "--data", data, "--output", output, "--force", "--json", "--quiet")
    #expect(json.code == 0 && json.errors.isEmpty && json.output == shared)
    #expect(try json.json()["schema_version"] as? Int == 1)
  }

  @Test func unusableInputIsRefused() throws {
    let nothing = folder.file("nothing")
    Refusal.check(
      try SegfedProcess.run("inspect", "--data", nothing, "--output", folder.file("out")), names: nothing)
    Refusal.check(
      try SegfedProcess.run(
        "inspect", "--data", sites.data, "--output", folder.file("out"), "--layout", "bids"),
      names: sites.data, says: ["BIDS"])
    #expect(!Refusal.exists(folder.file("out")))
    Refusal.check(
      try SegfedProcess.run(
        "inspect", "--anonymise", "--data", sites.data, "--output", sites.data + "/clean", "--quiet"),
      names: sites.data + "/clean", says: ["outside"])
  }

  /// A scan that cannot be copied leaves nothing that looks like the whole set.
  @Test func aDamagedScanLeavesNoCopies() throws {
    let data = try sites.copy(to: folder)
    let scan = data + "/hazel/hazel-003/hazel-003_t2.nii.gz"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: scan))
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: scan))
    let outcome = try SegfedProcess.run(
      "inspect", "--anonymise", "--data", data, "--output", folder.file("copies"), "--quiet")
    Refusal.check(outcome, names: scan)
    let left = try FileManager.default.contentsOfDirectory(
      atPath: (data as NSString).deletingLastPathComponent)
    #expect(!left.contains { $0.hasPrefix("copies") }, "\(left)")
  }

  /// Copies hold the same scans at the same places, without the text that was put into one; the rest stays behind.
  @Test func anonymisedCopies() throws {
    let data = try sites.copy(to: folder)
    let scan = data + "/birch/birch-001/birch-001_t1.nii.gz"
    let volume = try NIfTI.readVolume(scan)
    try FileManager.default.removeItem(atPath: scan)
    let plain = String(scan.dropLast(3))
    try NIfTI.write(volume, to: plain, options: NIfTIWriteOptions())
    var bytes = try Data(contentsOf: URL(fileURLWithPath: plain))
    bytes.replaceSubrange(148..<154, with: Data("CANARY".utf8))
    try bytes.write(to: URL(fileURLWithPath: plain))
    try Data("CANARY".utf8).write(to: URL(fileURLWithPath: data + "/birch/notes.txt"))
    let copies = folder.file("copies")
    let outcome = try SegfedProcess.run(
      "inspect", "--anonymise", "--data", data, "--output", copies, "--quiet")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(
      outcome.output.hasPrefix("\(copies): 30 scans") && outcome.output.contains("names are not changed"))
    let kept = try FileManager.default.subpathsOfDirectory(atPath: copies).filter { $0.contains(".nii") }
    let all = try FileManager.default.subpathsOfDirectory(atPath: data)
    #expect(kept.count == 30 && kept.sorted() == all.filter { $0.contains(".nii") }.sorted())
    #expect(!Refusal.exists(copies + "/birch/notes.txt"))
    for name in kept {
      #expect(try NIfTI.readVolume("\(copies)/\(name)") == NIfTI.readVolume("\(data)/\(name)"))
    }
    for (source, isFound) in [(data, true), (copies, false)] {
      let audit = try SegfedProcess.run(
        "inspect", "--data", source, "--output", folder.file("audit"), "--force", "--quiet")
      #expect(audit.output.contains("text in the file's header") == isFound, "\(audit.output)")
    }
  }
}
