import Foundation
import Imaging
import TestSupport
import Testing

/// What `segfed view` does not show, and says so.
@Suite struct ViewRefusalTests {
  private let folder: TemporaryFolder
  private let cubes: CubeCases

  init() throws {
    folder = try TemporaryFolder()
    cubes = CubeCases(folder: folder)
  }

  private func view(_ arguments: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(["view"] + arguments)
  }

  @Test func pipesAreGivenNoEscapeCodes() throws {
    let outcome = try view(try cubes.makeCase())
    Refusal.check(outcome, names: "standard output", says: ["--output FILE.png", "--terminal"])
  }

  @Test func badInputIsNamed() throws {
    let path = try cubes.makeCase()
    let output = folder.file("never.png")
    let small = Geometry(size: SIMD3(9, 9, 9), affine: Imaging.AffineTransform(spacing: SIMD3(1, 1, 1)))
    let other = folder.file("small.nii.gz")
    try cubes.write(LabelVolume(geometry: small, labels: [UInt16](repeating: 1, count: 729)), other)
    let empty = try folder.folder("empty")
    let junk = try folder.write(Data("no scan".utf8), "junk.nii.gz")
    let cases: [(arguments: [String], names: String, says: [String])] = [
      ([folder.file("missing")], folder.file("missing"), ["no such file"]),
      ([folder.file("missing.nii.gz")], folder.file("missing.nii.gz"), ["no such file"]),
      ([junk], junk, []),
      ([path, "--labels", folder.file("no.nii.gz")], folder.file("no.nii.gz"), ["no such file"]),
      ([path, "--labels", other], other, ["9×9×9"]),
      ([path, "--prediction", other], other, ["9×9×9"]),
      ([path, "--prediction", folder.file("no")], folder.file("no"), ["no such file"]),
      ([path, "--prediction", empty], empty, ["no prediction"]),
      ([path, "--slice", "20"], path, ["--slice is 20, expected 0 to 19"]),
      ([path, "--contrast", "t9"], path, ["no contrast t9, expected one of t1"]),
    ]
    for item in cases {
      let outcome = try SegfedProcess.run(["view"] + item.arguments + ["--output", output])
      Refusal.check(outcome, names: item.names, says: item.says)
      #expect(!Refusal.exists(output))
    }
  }

  @Test func badOutputIsNamed() throws {
    let path = try cubes.makeCase()
    let file = try folder.write(Data("a file".utf8), "file.png")
    for (output, says) in [
      (file, "already exists"), (folder.file("picture.jpg"), ".png"), (file + "/x.png", "cannot be written"),
    ] {
      Refusal.check(try view(path, "--output", output), names: output, says: [says])
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data("a file".utf8))
  }

  @Test(arguments: [
    ["--size", "5"], ["--json"], ["--slice", "x"], ["--plane", "oblique"], ["--terminal", "vt52"],
  ])
  func badUsage(_ more: [String]) throws {
    #expect(try SegfedProcess.run(["view", "x"] + more).code == 64)
  }
}
