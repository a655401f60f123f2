import Imaging

/// Rows of slices on dark grey: of a site a row for each case, of a case one for each contrast.
package enum SlicePicture {
  /// Cases of a site that a picture shows.
  static let mostCases = 4
  private static let gap = 4
  private static let background = SIMD3<UInt8>(repeating: 40)

  /// Which of `count` cases are shown: all, or the first, the last and those evenly between.
  package static func chosen(of count: Int) -> Set<Int> {
    if count <= mostCases { return Set(0..<count) }
    return Set((0..<mostCases).map { $0 * (count - 1) / (mostCases - 1) })
  }

  /// Writes rows with at least one tile. Throws `FileError.notWritable`.
  package static func write(_ rows: [SliceRow], to path: String) throws {
    let step = SliceTile.side + gap
    let width = step * (rows.map(\.tiles.count).max() ?? 0) + gap
    let height = step * rows.count + gap
    var canvas = [SIMD3<UInt8>](repeating: background, count: width * height)
    for (r, row) in rows.enumerated() {
      for (t, tile) in row.tiles.enumerated() {
        for y in 0..<SliceTile.side {
          let start = (gap + r * step + y) * width + gap + t * step
          canvas.replaceSubrange(
            start..<start + SliceTile.side, with: tile.pixels[y * SliceTile.side..<(y + 1) * SliceTile.side])
        }
      }
    }
    try PNG.write(colours: canvas.flatMap { [$0.x, $0.y, $0.z] }, width: width, height: height, to: path)
  }
}
