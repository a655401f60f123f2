import Imaging

/// One slice in a square of pixels, at its true proportions.
package struct SliceTile: Sendable {
  /// Pixels along a side where no other size is asked for.
  package static let side = 200

  package let side: Int
  /// `side · side` pixels, row by row: red, green, blue.
  package var pixels: [SIMD3<UInt8>]
  private let millimetres: Double

  /// `millimetres` are shown along a side.
  init(millimetres: Double, side: Int = Self.side) {
    (self.millimetres, self.side) = (millimetres, side)
    pixels = [SIMD3<UInt8>](repeating: .zero, count: side * side)
  }

  /// Grey from `black` to `white`, between voxels bilinearly.
  mutating func draw(_ scan: Volume, _ plane: SlicePlane, at voxel: SIMD3<Int>, black: Double, white: Double)
  {
    // A scan of one value is shown white.
    let black = black < white ? black : white - 1
    for (place, value) in values(of: scan, plane, at: voxel).enumerated() {
      guard let value else { continue }
      let share = (value - black) / (white - black)
      pixels[place] = SIMD3(repeating: UInt8(255 * min(max(share, 0), 1)))
    }
  }

  /// Colours what lies there by a map from 0 to 1: nothing at 0, then red, yellow at 1; between voxels bilinearly.
  mutating func tint(_ heat: Volume, _ plane: SlicePlane, at voxel: SIMD3<Int>) {
    for (place, value) in values(of: heat, plane, at: voxel).enumerated() {
      guard let value, value > 0 else { continue }
      let heat = min(value, 1)
      let colour = SIMD3(255, 255 * max(0, 2 * heat - 1), 0)
      let cover = 0.7 * min(1, 2 * heat)
      for channel in 0..<3 {
        let mixed = (1 - cover) * Double(pixels[place][channel]) + cover * colour[channel]
        pixels[place][channel] = UInt8(mixed)
      }
    }
  }

  /// What a volume has at each pixel, row by row; nil beside the grid.
  private func values(of scan: Volume, _ plane: SlicePlane, at voxel: SIMD3<Int>) -> [Double?] {
    let columns = places(scan.geometry, plane.across, isTurned: plane.isTurned)
    let rows = places(scan.geometry, plane.down, isTurned: plane.isTurned)
    let size = scan.geometry.size
    let steps = SIMD3(1, size.x, size.x * size.y)
    let start = voxel[plane.normal] * steps[plane.normal]
    var values = [Double?](repeating: nil, count: side * side)
    for (y, row) in rows.enumerated() {
      guard let row else { continue }
      let (j, down) = Self.lower(row, of: size[plane.down])
      for (x, column) in columns.enumerated() {
        guard let column else { continue }
        let (i, right) = Self.lower(column, of: size[plane.across])
        func value(_ a: Int, _ b: Int) -> Double {
          let (i, j) = (min(i + a, size[plane.across] - 1), min(j + b, size[plane.down] - 1))
          return Double(scan.voxels[start + i * steps[plane.across] + j * steps[plane.down]])
        }
        let upper = value(0, 0) + right * (value(1, 0) - value(0, 0))
        let lower = value(0, 1) + right * (value(1, 1) - value(0, 1))
        values[y * side + x] = upper + down * (lower - upper)
      }
    }
    return values
  }

  /// A line of one pixel along the inner border of every label, in the label's colour and as the style says.
  mutating func outline(
    _ map: LabelVolume, _ plane: SlicePlane, at voxel: SIMD3<Int>, style: SliceOutline.Style = .solid
  ) {
    let places = nearest(map.geometry, plane, at: voxel)
    func label(_ x: Int, _ y: Int) -> UInt16 {
      guard (0..<side).contains(x), (0..<side).contains(y), let place = places[y * side + x] else { return 0 }
      return map.labels[place]
    }
    for y in 0..<side {
      for x in 0..<side {
        let own = label(x, y)
        if own == 0 { continue }
        let isBorder = [(1, 0), (-1, 0), (0, 1), (0, -1)].contains { label(x + $0.0, y + $0.1) != own }
        if isBorder, style.draws(x, y, side: side) { pixels[y * side + x] = style.colour(ofLabel: own) }
      }
    }
  }

  /// The voxel that lies nearest to each pixel, row by row, as its place in the grid's memory; nil beside the grid.
  func nearest(_ geometry: Geometry, _ plane: SlicePlane, at voxel: SIMD3<Int>) -> [Int?] {
    let columns = places(geometry, plane.across, isTurned: plane.isTurned)
    let rows = places(geometry, plane.down, isTurned: plane.isTurned)
    let size = geometry.size
    let steps = SIMD3(1, size.x, size.x * size.y)
    let start = voxel[plane.normal] * steps[plane.normal]
    return rows.flatMap { row in
      columns.map { column in
        guard let column, let row else { return nil }
        let i = min(max(Int(column.rounded()), 0), size[plane.across] - 1)
        let j = min(max(Int(row.rounded()), 0), size[plane.down] - 1)
        return start + i * steps[plane.across] + j * steps[plane.down]
      }
    }
  }

  private static let leastMarked = 100

  /// A letter at the middle of the left edge, twice its size.
  mutating func mark(_ mark: SliceMark) {
    // In a tile of a few dozen pixels it would hide the scan.
    guard side >= Self.leastMarked else { return }
    for (row, bits) in mark.rows.enumerated() {
      for column in 0..<5 where bits >> (4 - column) & 1 == 1 {
        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
          pixels[(side / 2 - 7 + 2 * row + dy) * side + 4 + 2 * column + dx] = SIMD3(250, 250, 250)
        }
      }
    }
  }

  /// For each pixel along a side, the fractional voxel that it shows; nil beside the grid.
  private func places(_ geometry: Geometry, _ axis: Int, isTurned: Bool) -> [Double?] {
    let (size, spacing) = (Double(geometry.size[axis]), geometry.spacing[axis])
    return (0..<side).map { pixel in
      let offset = (Double(pixel) + 0.5 - Double(side) / 2) * millimetres / Double(side) / spacing
      let place = (size - 1) / 2 + (isTurned ? -offset : offset)
      return place > -0.5 && place < size - 0.5 ? place : nil
    }
  }

  /// The voxel before a place, and how far behind it the place is, in voxels.
  private static func lower(_ place: Double, of size: Int) -> (index: Int, rest: Double) {
    let held = min(max(place, 0), Double(size - 1))
    return (Int(held), held - held.rounded(.down))
  }
}
