import Foundation
import Imaging
import Pictures
import TestSupport
import Testing

/// What a viewer takes apart again, taken apart here.
@Suite struct ViewerVolumesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The volumes of an atlas, one for each channel: i fastest, then j, then k.
  private func volumes(_ png: Data, _ atlas: SliceAtlas) throws -> [[Float]] {
    try PNG.readImage(folder.write(png, "atlas.png")).map { image in
      #expect(image.geometry.size == SIMD3(atlas.width, atlas.height, 1))
      var values: [Float] = []
      for k in 0..<atlas.size.z {
        for j in 0..<atlas.size.y {
          let row = (k / atlas.columns) * atlas.size.y + j
          let start = row * atlas.width + (k % atlas.columns) * atlas.size.x
          values += image.voxels[start..<start + atlas.size.x]
        }
      }
      return values
    }
  }

  @Test(arguments: [SIMD3(5, 7, 1), SIMD3(5, 7, 2), SIMD3(3, 9, 17), SIMD3(40, 2, 30)])
  func atlasGivesItsVolumesBack(size: SIMD3<Int>) throws {
    let atlas = SliceAtlas(size: size)
    let count = size.x * size.y * size.z
    let all = [3, 5, 11].map { step in (0..<count).map { UInt8($0 * step % 251) } }
    #expect(try volumes(atlas.png(all), atlas) == all.map { $0.map(Float.init) })
    #expect(try volumes(atlas.png([all[0]]), atlas) == [all[0].map(Float.init)])
  }

  @Test func scansAndLabelsComeBack() throws {
    let heat = ["WT", "TC", "ET", "more"].enumerated().map { index, name in
      (name: name, map: CaseVolumes.volume { _ in Float(index) / 3 })
    }
    let layers = CaseVolumes.layers(entropy: CaseVolumes.volume { $0.x < 8 ? 0 : 1 }, heat: heat)
    let found = ViewerVolumes(layers, labels: [0, 1, 2, 4])
    #expect(found.thinning == 1 && found.atlas.size == layers.size && found.scans.count == 2)
    // A flair of the second scan fills the grid: nothing was cropped.
    #expect(layers.size == CaseVolumes.size && layers.origin == .zero)
    let scan = layers.scans[0]
    let grey = try volumes(found.scans[0], found.atlas)[0]
    for (value, voxel) in zip(grey, scan.volume.voxels) {
      let share = (Double(voxel) - scan.black) / (scan.white - scan.black)
      #expect(abs(Double(value) - 255 * min(max(share, 0), 1)) <= 0.5)
    }
    let maps = try volumes(found.labels, found.atlas)
    let indices: [UInt16: Float] = [0: 0, 1: 1, 2: 2, 4: 3]
    let step = Float(found.labelStep)
    #expect(step == 85)
    #expect(maps[0] == CaseVolumes.reference.labels.compactMap { indices[$0].map { $0 * step } })
    #expect(maps[1] == CaseVolumes.prediction.labels.compactMap { indices[$0].map { $0 * step } })
    #expect(maps[2] == layers.entropy.voxels.map { $0 * 252 })
    #expect(found.heat.count == 2)
    let second = try volumes(found.heat[1], found.atlas)
    #expect(second.count == 3 && second[0].allSatisfy { $0 == 252 } && second[1].allSatisfy { $0 == 0 })
  }

  /// What is too large is thinned within slices, and all of it still there.
  @Test func thinnedUntilItFits() throws {
    let layers = CaseVolumes.layers()
    let whole = ViewerVolumes(layers, labels: [0, 1, 4])
    let bytes = (whole.scans + [whole.labels]).reduce(0) { $0 + $1.count } / 2
    let found = ViewerVolumes(layers, labels: [0, 1, 4], mostBytes: bytes)
    #expect(found.thinning == 2)
    #expect(found.atlas.size == SIMD3(11, 8, 10) && found.spacing == SIMD3(2, 3, 2))
    let scan = layers.scans[1]
    let grey = try volumes(found.scans[1], found.atlas)[0]
    // Means of two by two voxels of a ramp along x.
    for i in 0..<11 {
      let mean = 200 - 2 * (2 * Double(i) + 0.5)
      let share = (mean - scan.black) / (scan.white - scan.black)
      #expect(abs(Double(grey[i]) - 255 * min(max(share, 0), 1)) <= 0.51)
    }
    let labels = try volumes(found.labels, found.atlas)[0]
    #expect(labels.contains(127) && labels.count == 11 * 8 * 10)
  }

  /// Empty margins are no part of it.
  @Test func croppedToWhatIsThere() {
    let content = CaseLayers.Content(
      contrasts: ["t1"], scans: [CaseVolumes.scan], reference: nil, prediction: CaseVolumes.prediction,
      entropy: CaseVolumes.volume { _ in 0 }, heat: [])
    let layers = CaseLayers(content, view: .patient, loop: .serial)
    #expect(layers.size == CaseVolumes.size &- 2 && layers.origin == SIMD3(1, 1, 1))
    #expect(layers.wholeSize == CaseVolumes.size)
    #expect(CaseLayers(content, view: .picture, loop: .serial).size == CaseVolumes.size)
  }
}
