import Foundation
import Foundations
import Imaging
import Pictures
import TestSupport
import Testing

/// `segfed view`, on cases whose every pixel is known.
@Suite struct ViewTests {
  private let folder: TemporaryFolder
  private let cubes: CubeCases

  init() throws {
    folder = try TemporaryFolder()
    cubes = CubeCases(folder: folder)
  }

  private func view(_ arguments: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(["view"] + arguments)
  }

  @Test func outlinesLieOnTheLabelsBorder() throws {
    let output = folder.file("pictures/out.png")
    _ = try folder.folder("pictures")
    let outcome = try view(try cubes.makeCase(), "--output", output)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix(output + "\n"))
    #expect(outcome.output.contains("axial slice 10 of 0–19") && outcome.output.contains("outlined: 1"))
    let picture = try CubePicture(output)
    #expect(picture.size == SIMD2(3 * 324 + 4, 328))
    for tile in 0..<3 {
      let found = picture.places(
        PNG.colour(ofLabel: 1), corner: SIMD2(4 + tile * 324, 4), side: CubeCases.side)
      #expect(found == CubeCases.border(5..<15), "tile \(tile)")
    }
    // Nothing of the case is in the file: it holds chunks of pixels alone.
    let bytes = try Data(contentsOf: URL(fileURLWithPath: output))
    #expect(bytes.range(of: Data("a-case".utf8)) == nil && bytes.range(of: Data("tEXt".utf8)) == nil)
  }

  @Test func aPredictionIsDashedBesideTheReference() throws {
    let path = try cubes.makeCase()
    let predictions = try folder.folder("predictions/a-case")
    try cubes.write(cubes.box(7..<17), predictions + "/a-case_seg.nii.gz")
    let output = folder.file("out.png")
    for prediction in [predictions + "/a-case_seg.nii.gz", folder.file("predictions")] {
      let outcome = try view(
        path, "--prediction", prediction, "--plane", "coronal", "--output", output, "--force", "--json")
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(try outcome.json()["prediction"] as? [Int] == [1])
      let picture = try CubePicture(output)
      #expect(picture.size == SIMD2(328, 328))
      let dashes = picture.places(
        SliceOutline.Style.dashed.colour(ofLabel: 1), corner: SIMD2(4, 4), side: CubeCases.side)
      #expect(dashes.isSubset(of: CubeCases.border(7..<17)))
      let share = Double(dashes.count) / Double(CubeCases.border(7..<17).count)
      #expect(share > 0.4 && share < 0.6)
      let reference = picture.places(PNG.colour(ofLabel: 1), corner: SIMD2(4, 4), side: CubeCases.side)
      #expect(reference == CubeCases.border(5..<15).subtracting(dashes))
    }
  }

  @Test func slicesAreCountedInRAS() throws {
    let path = try folder.folder("flipped")
    // i runs to the patient's left here: a label at i = 3 is at 16 in RAS.
    let flipped = Geometry(
      size: CubeCases.size,
      affine: Imaging.AffineTransform(rows: [SIMD4(-1, 0, 0, 19), SIMD4(0, 1, 0, 0), SIMD4(0, 0, 1, 0)]))
    try NIfTI.write(
      Volume(geometry: flipped, voxels: cubes.voxels { _ in 100 }), to: path + "/flipped_t1.nii.gz",
      options: NIfTIWriteOptions())
    try cubes.write(
      LabelVolume(geometry: flipped, labels: cubes.voxels { $0.x == 3 && $0.y > 3 && $0.z > 3 ? 2 : 0 }),
      path + "/flipped_seg.nii.gz")
    let output = folder.file("out.png")
    for (slice, isThere) in [(16, true), (3, false)] {
      let outcome = try view(
        path, "--plane", "sagittal", "--slice", "\(slice)", "--output", output, "--force", "--quiet")
      #expect(outcome.code == 0 && outcome.output == output + "\n", "\(outcome.errors)")
      let places = try CubePicture(output).places(
        PNG.colour(ofLabel: 2), corner: SIMD2(4, 4), side: CubeCases.side)
      #expect(places.isEmpty != isThere)
    }
  }

  @Test func contrastsAndLabelsAreChosen() throws {
    let path = try cubes.makeCase(contrasts: ["flair", "t1", "t2"])
    try cubes.write(cubes.box(2..<4, label: 3), folder.file("other.nii.gz"))
    let output = folder.file("out.png")
    let outcome = try view(
      path, "--contrast", "t2", "--contrast", "flair", "--labels", folder.file("other.nii.gz"), "--size",
      "64", "--output", output, "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let document = try outcome.json()
    #expect(document["labels"] as? [Int] == [3] && document["contrasts"] as? [String] == ["t2", "flair"])
    let slices = try #require(document["slices"] as? [[String: Any]])
    #expect(slices.map { $0["slice"] as? Int } == [3, 3, 3])
    #expect(try CubePicture(output).size == SIMD2(3 * 68 + 4, 2 * 68 + 4))
  }

  /// A case is found by its name where a layout has no folder of it, and a scan by itself.
  @Test func casesAreFound() throws {
    _ = try cubes.makeCase("data/aspen/aspen-1")
    _ = try cubes.makeCase("data/birch/birch-1")
    let data = folder.file("nnunet")
    _ = try folder.folder("nnunet/imagesTr")
    _ = try folder.folder("nnunet/labelsTr")
    let description =
      #"{"channel_names": {"0": "T1"}, "labels": {"background": 0, "tumour": 1}, "numTraining": 2, "file_ending": ".nii.gz"}"#
    _ = try folder.write(Data(description.utf8), "nnunet/dataset.json")
    for name in ["scan_001", "scan_002"] {
      try NIfTI.write(
        Volume(geometry: cubes.geometry, voxels: cubes.voxels { _ in 100 }),
        to: "\(data)/imagesTr/\(name)_0000.nii.gz",
        options: NIfTIWriteOptions())
      try cubes.write(cubes.box(5..<15), "\(data)/labelsTr/\(name).nii.gz")
    }
    for (path, says) in [
      ("data/aspen/aspen-1", "outlined: 1"), ("data/aspen-1", "outlined: 1"), ("data/aspen", "outlined: 1"),
      ("nnunet/scan_002", "outlined: 1 tumour"), ("nnunet/imagesTr/scan_001_0000.nii.gz", "axial slice"),
    ] {
      let output = folder.file("out.png")
      let outcome = try view(folder.file(path), "--output", output, "--force")
      #expect(outcome.code == 0 && outcome.output.contains(says), "\(path): \(outcome.errors)")
    }
    let several = try view(folder.file("data"), "--output", folder.file("out.png"), "--force")
    Refusal.check(several, names: folder.file("data"), says: ["found 2 cases, expected one"])
    let none = try view(folder.file("data/cedar-1"), "--output", folder.file("out.png"), "--force")
    Refusal.check(none, names: folder.file("data/cedar-1"), says: ["no case of that name"])
  }

  @Test func picturesOfOneSlice() throws {
    let slices = try TinySites.slices.get()
    let outcome = try view(slices.data + "/birch/birch-001", "--output", folder.file("out.png"))
    #expect(outcome.code == 0, "\(outcome.errors)")
    let width = try CubePicture(folder.file("out.png")).size.x
    #expect(width == 328)
    let coronal = try view(
      slices.data + "/birch/birch-001", "--plane", "coronal", "--output", folder.file("b.png"))
    Refusal.check(coronal, names: "birch-001", says: ["single slice", "--plane coronal"])
  }

  // MARK: - In a terminal

  @Test func blocksWithoutColour() throws {
    let process = try SegfedProcess(
      ["view", try cubes.makeCase(), "--terminal", "blocks", "--plane", "axial", "--quiet"],
      environment: ["NO_COLOR": "1"])
    let outcome = try process.wait()
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.allSatisfy { $0.count < 80 } && !outcome.output.contains("\u{1B}"))
    // The top of the outline is a line of marks, its sides are two in a line.
    let marks = lines.map { $0.count { $0 == "@" } }.filter { $0 > 0 }
    #expect(marks.count > 6 && marks.dropFirst().dropLast().allSatisfy { $0 == 2 })
    #expect((marks.first ?? 0) > 10 && marks.first == marks.last)
  }

  @Test func blocksInColour() throws {
    let process = try SegfedProcess(
      ["view", try cubes.makeCase(), "--terminal", "blocks", "--plane", "axial"],
      environment: ["NO_COLOR": "", "COLORTERM": "truecolor", "TERM": "xterm-256color"])
    let outcome = try process.wait()
    let label = PNG.colour(ofLabel: 1)
    #expect(outcome.code == 0 && outcome.output.contains("▀"))
    #expect(outcome.output.contains("\u{1B}[38;2;\(label.x);\(label.y);\(label.z)m"))
    #expect(outcome.output.contains("axial slice 10 of 0–19"))
  }

  /// What is drawn is the picture that a file would hold.
  @Test func kittyHasTheFile() throws {
    let path = try cubes.makeCase()
    let drawn = try view(path, "--terminal", "kitty", "--plane", "axial", "--size", "100", "--quiet")
    #expect(drawn.code == 0, "\(drawn.errors)")
    let written = try view(
      path, "--plane", "axial", "--size", "100", "--output", folder.file("a.png"), "--quiet")
    #expect(written.code == 0)
    let payload = drawn.output.matches(of: /\u{1B}_G[^;]*;([^\u{1B}]*)\u{1B}\\/).map { String($0.1) }.joined()
    let file = try Data(contentsOf: URL(fileURLWithPath: folder.file("a.png")))
    #expect(Data(base64Encoded: payload) == file)
    let inline = try view(path, "--terminal", "iterm2", "--plane", "axial", "--size", "100", "--quiet")
    #expect(inline.output.contains(file.base64EncodedString()))
    let sixel = try view(path, "--terminal", "sixel", "--plane", "axial", "--size", "100", "--quiet")
    #expect(sixel.output.hasPrefix("\u{1B}P0;1;0q\"1;1;108;108#0;2;") && sixel.output.hasSuffix("\u{1B}\\\n"))
  }

  @Test(.enabled(if: PseudoTerminal.isThere)) func aTerminalIsDrawnIn() throws {
    let terminal = try PseudoTerminal(
      ["view", try cubes.makeCase(), "--plane", "axial"], columns: 60, rows: 30)
    // It is asked whether it takes sixels, and says no.
    try terminal.wait { $0.contains("\u{1B}[c") }
    terminal.type("\u{1B}[?62;22c")
    #expect(try terminal.end() == 0)
    let text = terminal.output.replacing("\u{1B}[c", with: "")
    var screen = TerminalScreen(columns: 60, rows: 60)
    screen.feed(text)
    #expect(screen.wrapped == 0 && screen.unknown.isEmpty)
    #expect(screen.lines.count { $0.contains("▀") } > 20)
    #expect(screen.lines.last?.contains("1") == true && !text.contains("?62"))
  }

  @Test(.enabled(if: PseudoTerminal.isThere)) func aTerminalThatTakesSixels() throws {
    let terminal = try PseudoTerminal(["view", try cubes.makeCase(), "--plane", "axial"], columns: 100)
    try terminal.wait { $0.contains("\u{1B}[c") }
    terminal.type("\u{1B}[?62;4;22c")
    #expect(try terminal.end() == 0)
    #expect(terminal.output.contains("\u{1B}P0;1;0q"))
  }
}
