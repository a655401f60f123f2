import Foundation
import Foundations
import Harmonization
import TestSupport
import Testing

@Suite struct IntensityAtlasTests {
  /// Scans of three tissues, each through another scanner's gain, offset and bend; a quarter is background.
  private static let scans: [[Float]] = (0..<7).map { index in
    var stream = RandomStream(seed: 11, purpose: .test, sample: index)
    let (gain, bend) = (1 + 0.4 * Double(index), 1 + 0.1 * Double(index % 3))
    return (0..<4000).map { voxel in
      if voxel % 4 == 0 { return 0 }
      let tissue = [40.0, 70, 110][voxel % 3] + 6 * stream.normal()
      return Float(20 + gain * PortableMath.pow(max(1, tissue), bend))
    }
  }

  private func landmarks(_ scan: [Float]) throws -> IntensityLandmarks {
    try IntensityLandmarks(SortedValues(scan, mask: scan.map { $0 > 0 ? 1 : 0 }))
  }

  private func scale(_ scans: some Sequence<[Float]>) throws -> IntensityScale {
    var sums = LandmarkSums(contrast: "t1")
    for scan in scans { sums.add(try landmarks(scan)) }
    return IntensityScale(landmarks: sums.sums.map { $0 / Double(sums.scans) })
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func agreesWithIntensityNormalization() throws {
    let output = RawArray.doubles(
      try PythonReference.run(
        script: "nyul_reference.py", arguments: [String(Self.scans.count)],
        input: RawArray.bytes(Self.scans.flatMap { $0.map(Double.init) })))
    let scale = try self.scale(Self.scans)
    for (mine, theirs) in zip(scale.landmarks, output) { #expect(abs(mine - theirs) < 1e-9 * 100) }
    for (index, scan) in Self.scans.enumerated() {
      let mapping = try landmarks(scan).mapping(to: scale)
      let theirs = output[(11 + index * scan.count)...].prefix(scan.count)
      let worst = zip(scan, theirs).map { abs(Double(mapping($0)) - $1) }.max() ?? .infinity
      #expect(worst < 1e-5 * 100, "scan \(index): \(worst) of 100")
    }
  }

  /// An atlas comes back from its file; what is no atlas is refused, naming the file.
  @Test func filesAreReadBack() throws {
    let folder = try TemporaryFolder()
    let scale = try self.scale(Self.scans)
    let atlas = IntensityAtlas(contrasts: [
      .init(name: "t2", scale: scale, scans: 7), .init(name: "t1", scale: scale, scans: 3),
    ])
    #expect(atlas.contrasts.map(\.name) == ["t1", "t2"] && atlas.scale(of: "flair") == nil)
    let path = folder.file("atlas.json")
    try atlas.write(to: path)
    #expect(try IntensityAtlas.read(path) == atlas)
    #expect(throws: FileError.notFound(path: folder.file("none"))) {
      try IntensityAtlas.read(folder.file("none"))
    }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for (from, to) in [
      ("\"schema_version\" : 1", "\"schema_version\" : 2"), ("100", "-1"), ("scans", "scan"),
    ] {
      let damaged = try folder.write(Data(text.replacingOccurrences(of: from, with: to).utf8), "damaged.json")
      #expect(throws: HarmonizationError.self) { try IntensityAtlas.read(damaged) }
    }
    #expect(throws: HarmonizationError.notAScale(contrast: "t1", found: 2)) {
      try IntensityScale(checking: [1, 100], contrast: "t1")
    }
  }

  /// Scanners that differ by gain and offset alone give the same mapped scan.
  @Test func gainAndOffsetDisappear() throws {
    let scan = Self.scans[0]
    let other = scan.map { $0 > 0 ? 3 * $0 + 50 : 0 }
    let scale = try self.scale([scan, Self.scans[4]])
    let (one, two) = (try landmarks(scan).mapping(to: scale), try landmarks(other).mapping(to: scale))
    let worst = zip(scan, other).filter { $0.0 > 0 }.map { abs(one($0.0) - two($0.1)) }.max() ?? .infinity
    #expect(worst < 1e-3)
  }

  /// Equal landmarks, as where a third of the voxels have one value, make a step and no division by 0.
  @Test func equalLandmarksAreOne() throws {
    let scan = (0..<100).map { Float($0 < 40 ? 5 : $0) }
    let mapping = try landmarks(scan).mapping(to: IntensityScale(landmarks: (0...10).map { Double($0) * 10 }))
    let mapped = scan.map { mapping($0) }
    #expect(mapped.allSatisfy(\.isFinite) && mapped == mapped.sorted() && mapped[99] > 100)
    #expect(throws: HarmonizationError.flatHistogram(voxels: 50)) {
      try landmarks([Float](repeating: 7, count: 50))
    }
    #expect(throws: HarmonizationError.noBrain) { try landmarks([0, 0]) }
  }
}
