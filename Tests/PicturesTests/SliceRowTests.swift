import Foundation
import Foundations
import Imaging
import Pictures
import Testing

@Suite struct SliceRowTests {
  private static let size = SIMD3(20, 14, 9)

  /// A scan in RAS whose every voxel is told by where it lies.
  private func scan(
    spacing: SIMD3<Double> = SIMD3(1, 1.5, 2), _ value: (_ voxel: SIMD3<Int>) -> Float
  ) -> Volume {
    let geometry = Geometry(size: Self.size, affine: Imaging.AffineTransform(spacing: spacing))
    var voxels: [Float] = []
    for k in 0..<Self.size.z {
      for j in 0..<Self.size.y { for i in 0..<Self.size.x { voxels.append(value(SIMD3(i, j, k))) } }
    }
    return Volume(geometry: geometry, voxels: voxels)
  }

  private func tiles(
    _ scan: Volume, labels: LabelVolume? = nil, heat: Volume? = nil, view: SliceView = .doubtful
  ) -> [SliceTile] {
    var row = SliceRow()
    if let labels { row.aim(at: labels) }
    let values = scan.voxels.filter { $0 != 0 }.map(Double.init)
    row.add(
      scan, labels: labels, heat: heat, black: values.min() ?? 0, white: values.max() ?? 0, view: view)
    return row.tiles
  }

  /// Mean grey of the pixels for which `holds` (x and y from 0 to 1) is true.
  private func grey(_ tile: SliceTile, _ holds: (_ x: Double, _ y: Double) -> Bool) -> Double {
    let side = SliceTile.side
    let chosen = tile.pixels.indices.filter {
      holds((Double($0 % side) + 0.5) / Double(side), (Double($0 / side) + 0.5) / Double(side))
    }
    return chosen.reduce(0) { $0 + Double(tile.pixels[$1].x) } / Double(chosen.count)
  }

  /// The patient's right, front and head are where a radiologist looks for them.
  @Test func sidesLieAsRadiologistsReadThem() {
    let right = tiles(scan { $0.x >= 10 ? 200 : 20 })
    for plane in 0..<2 {
      #expect(grey(right[plane]) { x, _ in x < 0.5 } > grey(right[plane]) { x, _ in x > 0.5 })
    }
    let front = tiles(scan { $0.y >= 7 ? 200 : 20 })
    #expect(grey(front[0]) { _, y in y < 0.5 } > grey(front[0]) { _, y in y > 0.5 })
    #expect(grey(front[2]) { x, _ in x < 0.5 } > grey(front[2]) { x, _ in x > 0.5 })
    let head = tiles(scan { $0.z >= 5 ? 200 : 20 })
    for plane in 1..<3 {
      #expect(grey(head[plane]) { _, y in y < 0.5 } > grey(head[plane]) { _, y in y > 0.5 })
    }
  }

  /// However the axes lie in the file, the picture is the same.
  @Test func orientationOfTheFileDoesNotShow() {
    let scan = scan { Float(1 + ($0.x * 7 + $0.y * 13 + $0.z * 29) % 97) }
    let labels = LabelVolume(
      geometry: scan.geometry,
      labels: scan.voxels.indices.map { $0 % 20 > 3 && $0 % 20 < 9 && $0 > 700 ? 2 : 0 })
    let expected = tiles(scan, labels: labels, view: .patient).map(\.pixels)
    var seen = 0
    for order in [
      SIMD3(0, 1, 2), SIMD3(0, 2, 1), SIMD3(1, 0, 2), SIMD3(1, 2, 0), SIMD3(2, 0, 1), SIMD3(2, 1, 0),
    ] {
      for bits in 0..<8 {
        let turn = AxisPermutation(sources: order, flips: (0..<3).map { bits >> $0 & 1 == 1 })
        let found = tiles(scan.permuted(turn), labels: labels.permuted(turn), view: .patient).map(\.pixels)
        if found == expected { seen += 1 }
      }
    }
    #expect(seen == 48)
  }

  /// 20×21×18 mm: each slice fills its own share of the tile.
  @Test func proportionsAreTrue() {
    let found = tiles(scan { _ in 100 }).map { tile -> SIMD2<Int> in
      let side = SliceTile.side
      let lit = tile.pixels.indices.filter { tile.pixels[$0].x > 0 }
      let (columns, rows) = (lit.map { $0 % side }, lit.map { $0 / side })
      return SIMD2(
        (columns.max() ?? 0) - (columns.min() ?? 0) + 1, (rows.max() ?? 0) - (rows.min() ?? 0) + 1)
    }
    let scale = Double(SliceTile.side) / 21
    for (size, wanted) in zip(found, [SIMD2(20, 21), SIMD2(20, 18), SIMD2(21, 18)] as [SIMD2<Double>]) {
      #expect(abs(Double(size.x) - wanted.x * scale) <= 1 && abs(Double(size.y) - wanted.y * scale) <= 1)
    }
  }

  /// Labels are outlined in their own colours, and their insides left to be seen.
  @Test func labelsAreOutlined() {
    let scan = scan { _ in 100 }
    let labels = LabelVolume(
      geometry: scan.geometry,
      labels: scan.voxels.indices.map { index in
        let (i, j) = (index % 20, index / 20 % 14)
        return (4..<10).contains(i) && (4..<10).contains(j) ? 1 : i == 15 ? 4 : 0
      })
    let plain = tiles(scan)[0].pixels
    let outlined = tiles(scan, labels: labels)[0].pixels
    let changed = Set(plain.indices.filter { plain[$0] != outlined[$0] }.map { outlined[$0] })
    #expect(changed == [PNG.colour(ofLabel: 1), PNG.colour(ofLabel: 4)])
    // A box of 6×9 mm: its border, not its area, is drawn.
    let scale = Double(SliceTile.side) / 21
    let border = outlined.count { $0 == PNG.colour(ofLabel: 1) }
    #expect(abs(Double(border) - 2 * (6 + 9) * scale) < 12)
  }

  @Test func threeTilesForAVolumeAndSixAtMost() {
    let scan = scan { Float($0.x + 1) }
    var row = SliceRow()
    for _ in 0..<3 { row.add(scan, labels: nil, black: 1, white: 20, view: .patient) }
    #expect(row.tiles.count == 6)
  }

  /// Where a map is 0 the scan stays as it was; the hotter, the redder, and yellow where it is hottest.
  @Test func heatIsColoured() {
    let scan = scan { Float(100 + $0.z) }
    let heat = Volume(
      geometry: scan.geometry,
      voxels: scan.voxels.indices.map {
        [0, 0, 0, 0, 0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1][min($0 % 20, 15)]
      })
    let plain = tiles(scan)[0].pixels
    let tinted = tiles(scan, heat: heat)[0].pixels
    // Radiological: the grid's first voxels lie at the right.
    let side = SliceTile.side
    func pixel(_ i: Double) -> Int {
      let place = Double(side) / 2 - (i - 9.5) * Double(side) / 21
      return side / 2 * side + Int(place)
    }
    #expect(tinted[pixel(1)] == plain[pixel(1)])
    let (mild, warm, hot) = (tinted[pixel(5.5)], tinted[pixel(9.5)], tinted[pixel(17)])
    #expect(mild.x > mild.y && mild.y == mild.z && warm.x > warm.y && warm.y < mild.y)
    #expect(hot.x > 200 && hot.y > 200 && hot.z < 100)
  }
}
