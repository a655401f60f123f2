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

  private func sums(_ scans: some Sequence<[Float]>) throws -> LandmarkSums {
    var sums = LandmarkSums(contrast: "t1")
    for scan in scans { sums.add(try landmarks(scan)) }
    return sums
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func agreesWithIntensityNormalization() throws {
    let output = RawArray.doubles(
      try PythonReference.run(
        script: "nyul_reference.py", arguments: [String(Self.scans.count)],
        input: RawArray.bytes(Self.scans.flatMap { $0.map(Double.init) })))
    let scale = try #require(try sums(Self.scans).scale)
    for (mine, theirs) in zip(scale.landmarks, output) { #expect(abs(mine - theirs) < 1e-9 * 100) }
    for (index, scan) in Self.scans.enumerated() {
      let mapping = try landmarks(scan).mapping(to: scale)
      let theirs = output[(11 + index * scan.count)...].prefix(scan.count)
      let worst = zip(scan, theirs).map { abs(Double(mapping($0)) - $1) }.max() ?? .infinity
      #expect(worst < 1e-5 * 100, "scan \(index): \(worst) of 100")
    }
  }

  /// What sites send adds up to what pooled scans would give.
  @Test func theAtlasIsThatOfPooledScans() throws {
    let pooled = IntensityAtlas(merging: [[try sums(Self.scans)]])
    let sites = try [0..<1, 1..<4, 4..<7].map { [try sums(Self.scans[$0])] }
    let federated = IntensityAtlas(merging: sites)
    #expect(federated.contrasts.map(\.name) == ["t1"] && federated.contrasts[0].scans == 7)
    let (mine, theirs) = (try #require(federated.scale(of: "t1")), try #require(pooled.scale(of: "t1")))
    for (a, b) in zip(mine.landmarks, theirs.landmarks) { #expect(abs(a - b) < 1e-12 * 100) }
    #expect(federated.scale(of: "t2") == nil)
    #expect(IntensityAtlas(merging: [[LandmarkSums(contrast: "t1")]]).contrasts.isEmpty)
  }

  /// Scanners that differ by gain and offset alone give the same mapped scan.
  @Test func gainAndOffsetDisappear() throws {
    let scan = Self.scans[0]
    let other = scan.map { $0 > 0 ? 3 * $0 + 50 : 0 }
    let scale = try #require(try sums([scan, Self.scans[4]]).scale)
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

  @Test func valuesAreSorted() {
    var stream = RandomStream(seed: 2, purpose: .test)
    let values = (0..<1000).map { _ in Float(stream.normal() * 1e3) } + [0, -0.0]
    let sorted = SortedValues(values, mask: values.indices.map { $0 % 7 == 0 ? 0 : 1 })
    let expected = values.indices.filter { $0 % 7 != 0 }.map { Double(values[$0]) }.sorted()
    #expect(sorted.count == expected.count)
    for index in [0, 1, 400, expected.count - 1] {
      let percent = 100 * Double(index) / Double(expected.count - 1)
      #expect(abs(sorted.percentile(percent) - expected[index]) <= 1e-9 * abs(expected[index]) + 1e-6)
    }
  }
}
