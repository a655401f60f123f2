import Foundation
import Imaging
import Pictures
import TestSupport
import Testing

/// Pictures of a case, read back from their bytes.
@Suite struct CasePicturesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func pixels(_ picture: RenderedPicture) throws -> [SIMD3<UInt8>] {
    let volumes = try PNG.readImage(folder.write(picture.png, "picture.png"))
    #expect(volumes.count == 3 && volumes[0].geometry.size == SIMD3(picture.width, picture.height, 1))
    return volumes[0].voxels.indices.map { index in
      SIMD3(
        UInt8(volumes[0].voxels[index]), UInt8(volumes[1].voxels[index]), UInt8(volumes[2].voxels[index]))
    }
  }

  @Test func everyKindOfErrorIsCounted() {
    let map = ErrorMap(prediction: CaseVolumes.prediction, reference: CaseVolumes.reference)
    let pairs = zip(CaseVolumes.prediction.labels, CaseVolumes.reference.labels)
    #expect(map.count(of: .falsePositive) == pairs.count { $0 != 0 && $1 == 0 })
    #expect(map.count(of: .falsePositive) == 2 * 6 * 4)
    #expect(map.count(of: .falseNegative) == 2 * 6 * 4)
    #expect(map.count(of: .agreed) == 4 * 6 * 3)
    #expect(map.count(of: .otherLabel) == 4 * 6)
    #expect(map.kinds.count == CaseVolumes.geometry.count)
  }

  /// Kinds are told apart in a copy without colours, too.
  @Test func samplesDifferInPattern() throws {
    var seen: Set<[Bool]> = []
    for kind in ErrorMap.Kind.allCases {
      let sample = CasePictures.sample(of: kind)
      // Without the margin around it.
      let grey = try pixels(sample).enumerated().filter { index, _ in
        (4..<28).contains(index % sample.width) && (4..<28).contains(index / sample.width)
      }.map { Int($1.x) + Int($1.y) + Int($1.z) }
      let middle = grey.reduce(0, +) / grey.count
      seen.insert(grey.map { $0 > middle })
    }
    // What is plain (nothing, or agreed) has no pattern; the other three have one each.
    #expect(seen.count == 4)
  }

  /// The rows are the contrasts, the columns the planes; lines lie where labels end.
  @Test func outlinesLieOnTheLabelsBorders() throws {
    let layers = CaseVolumes.layers()
    let picture = CasePictures(layers).outlines()
    #expect(
      picture.width == 3 * (CasePictures.side + 4) + 4 && picture.height == 2 * (CasePictures.side + 4) + 4)
    let found = try pixels(picture)
    let plain = try pixels(CasePictures(withoutLabels()).outlines())
    let lines = found.indices.filter { found[$0] != plain[$0] }
    let colours = Set(lines.map { found[$0] })
    #expect(
      colours.isSubset(
        of: [1, 4].flatMap {
          [SliceOutline.Style.solid.colour(ofLabel: $0), SliceOutline.Style.dashed.colour(ofLabel: $0)]
        }))
    // In the axial plane of the first row: 22×24 mm in a tile; the reference's box is 6 mm by 9 mm, the prediction's the same 2 mm on.
    let scale = Double(CasePictures.side) / 24
    let tile = CasePictures.side + 4
    let axial = lines.filter { $0 % picture.width < tile && $0 / picture.width < tile }
    for (places, millimetres) in [
      (axial.map { $0 % picture.width }, 8.0), (axial.map { $0 / picture.width }, 9.0),
    ] {
      let extent = Double((places.max() ?? 0) - (places.min() ?? 0) + 1)
      #expect(abs(extent - millimetres * scale) < 4)
    }
    let border = 2 * (6 + 9) * scale
    #expect(Double(axial.count) > border && Double(axial.count) < 2 * border)
  }

  private func withoutLabels() -> CaseLayers {
    let zero = CaseVolumes.labels { _ in 0 }
    let whole = CaseVolumes.layers()
    // The same slices of the same scans, nothing drawn over them.
    let content = CaseLayers.Content(
      contrasts: ["t1", "flair"], scans: [CaseVolumes.scan, CaseVolumes.volume { Float(200 - 2 * $0.x) }],
      reference: zero, prediction: zero, entropy: CaseVolumes.volume { _ in 0 }, heat: [])
    var layers = CaseLayers(content, view: .patient, loop: .serial)
    layers.focus = whole.focus
    return layers
  }

  /// Certain everywhere changes no pixel; undecided everywhere changes every pixel of the scan.
  @Test func uncertaintyAtItsExtremes() throws {
    let none = try pixels(CasePictures(CaseVolumes.layers()).uncertainty())
    let full = try pixels(
      CasePictures(CaseVolumes.layers(entropy: CaseVolumes.volume { _ in 1 })).uncertainty())
    #expect(none.count { !isGrey($0) } < full.count { !isGrey($0) } / 4)
    // At 1 the tint is yellow: blue is what is left of the scan.
    let tinted = zip(none, full).filter { isGrey($0) && $0 != $1 }
    #expect(tinted.count > full.count / 3 && tinted.allSatisfy { $1.x > $1.z && $1.y > $1.z })
  }

  private func isGrey(_ pixel: SIMD3<UInt8>) -> Bool { pixel.x == pixel.y && pixel.y == pixel.z }

  @Test func withoutAReferenceThereAreNoErrors() throws {
    let pictures = CasePictures(CaseVolumes.layers(reference: nil))
    #expect(pictures.errors() == nil && !pictures.isEmpty)
    #expect(CasePictures(CaseVolumes.layers()).errors() != nil)
  }

  /// Slices go through the lesion even where its centre of mass is healthy.
  @Test func slicesCutTheLesion() {
    let ring = CaseVolumes.labels { voxel in
      let (x, y) = (voxel.x - 10, voxel.y - 8)
      return (16...30).contains(x * x + y * y) ? 1 : 0
    }
    let layers = CaseVolumes.layers(reference: ring)
    let focus = layers.focus
    #expect(ring.labels[CaseVolumes.geometry.offset(focus.x, focus.y, focus.z)] == 1)
  }

  /// However the axes lie in the file, the pictures are the same.
  @Test func orientationOfTheFileDoesNotShow() {
    let expected = CasePictures(CaseVolumes.layers()).outlines()
    for turn in [
      AxisPermutation(sources: SIMD3(1, 0, 2), flips: [true, false, false]),
      AxisPermutation(sources: SIMD3(2, 1, 0), flips: [false, true, true]),
    ] {
      #expect(CasePictures(CaseVolumes.layers(turn: turn)).outlines() == expected)
    }
  }
}
