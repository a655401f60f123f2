import Foundations
import Imaging
import Pictures
import Testing

@Suite struct SliceChoiceTests {
  private static let size = SIMD3(20, 14, 9)

  private static let places = 0..<2520

  private var scan: Volume {
    Volume(
      geometry: Geometry(size: Self.size, affine: Imaging.AffineTransform(spacing: SIMD3(1, 1, 1))),
      voxels: Self.places.map { (place: Int) -> Float in Float(10 + place / 280) })
  }

  private func row(_ choice: SliceChoice, _ outlines: [SliceOutline] = [], view: SliceView = .doubtful)
    -> SliceRow
  {
    var row = SliceRow(choice)
    row.add(scan, outlines: outlines, black: 0, white: 255, view: view)
    return row
  }

  @Test func planesAndSizes() {
    var choice = SliceChoice()
    #expect(row(choice).tiles.map(\.side) == [200, 200, 200])
    (choice.planes, choice.side) = ([.sagittal, .axial], 64)
    let tiles = row(choice).tiles
    #expect(tiles.count == 2 && tiles.allSatisfy { $0.side == 64 && $0.pixels.count == 64 * 64 })
    #expect(AnatomicalPlane.axial.slices(of: scan.geometry, view: .patient) == 9)
    #expect(AnatomicalPlane.coronal.slices(of: scan.geometry, view: .patient) == 14)
    #expect(AnatomicalPlane.sagittal.slices(of: scan.geometry, view: .patient) == 20)
  }

  /// A slice's grey tells which one it is, whichever way the file's axis runs.
  @Test(arguments: [0, 3, 8]) func aSliceIsChosen(slice: Int) {
    var choice = SliceChoice()
    (choice.planes, choice.slice) = ([.axial], slice)
    let middle = 100 * 200 + 100
    #expect(row(choice).tiles[0].pixels[middle].x == UInt8(10 + slice))
    let turn = AxisPermutation(sources: SIMD3(0, 1, 2), flips: [false, true, true])
    var turned = SliceRow(choice)
    turned.add(scan.permuted(turn), outlines: [], black: 0, white: 255, view: .patient)
    #expect(turned.tiles[0].pixels[middle].x == UInt8(10 + slice))
  }

  /// Where two outlines meet, the second's dashes leave the first to be seen.
  @Test func twoOutlines() {
    let map = LabelVolume(
      geometry: scan.geometry,
      labels: Self.places.map { (place: Int) -> UInt16 in
        let isInside = (5..<15).contains(place % 20) && (4..<10).contains(place / 20 % 14)
        return isInside ? 2 : 0
      })
    var choice = SliceChoice()
    choice.planes = [.axial]
    let alone = row(choice, [SliceOutline(map)]).tiles[0].pixels
    let both = row(choice, [SliceOutline(map), SliceOutline(map, style: .dashed)]).tiles[0].pixels
    let colours = [SliceOutline.Style.solid, .dashed].map { $0.colour(ofLabel: 2) }
    #expect(colours[0] == PNG.colour(ofLabel: 2) && colours[0] != colours[1])
    let border = alone.indices.filter { alone[$0] == colours[0] }
    #expect(border.allSatisfy { colours.contains(both[$0]) } && border.count > 300)
    let dashes = border.count { both[$0] == colours[1] }
    #expect(abs(2 * dashes - border.count) < border.count / 5)
    #expect(alone.indices.filter { alone[$0] != both[$0] }.allSatisfy { both[$0] == colours[1] })
  }

  /// Small tiles have no letter, which would hide the scan.
  @Test func smallTilesAreNotMarked() {
    var choice = SliceChoice()
    choice.side = 40
    #expect(
      row(choice, view: .patient).tiles.map(\.pixels) == row(choice, view: .doubtful).tiles.map(\.pixels))
  }

  @Test func aCanvasIsItsFile() throws {
    var choice = SliceChoice()
    (choice.planes, choice.side) = ([.axial], 16)
    let canvas = SlicePicture.canvas([row(choice), row(choice)], gap: 1)
    #expect(canvas.width == 18 && canvas.height == 35 && canvas.pixels.count == 18 * 35)
    #expect(canvas.pixels[0] == SIMD3(repeating: 40))
    #expect(canvas.png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
  }
}
