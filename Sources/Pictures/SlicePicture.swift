import Foundation
import Imaging

/// Rows of slices on dark grey: of a site a row for each case, of a case one for each contrast.
package enum SlicePicture {
  /// Cases of a site that a picture shows.
  static let mostCases = 4
  /// Pixels between tiles, and around them.
  package static let gap = 4
  private static let background = SIMD3<UInt8>(repeating: 40)

  /// Which of `count` cases are shown: all, or the first, the last and those evenly between.
  package static func chosen(of count: Int) -> Set<Int> {
    if count <= mostCases { return Set(0..<count) }
    return Set((0..<mostCases).map { $0 * (count - 1) / (mostCases - 1) })
  }

  /// Writes rows with at least one tile. Throws `FileError.notWritable`.
  package static func write(_ rows: [SliceRow], to path: String) throws {
    try canvas(rows).write(to: path)
  }

  /// The picture of rows with at least one tile, all of one size.
  package static func canvas(_ rows: [SliceRow], gap: Int = gap) -> PictureCanvas {
    canvas(rows.map(\.tiles), gap: gap)
  }

  private static func canvas(_ rows: [[SliceTile]], gap: Int = gap) -> PictureCanvas {
    let side = rows.lazy.joined().first?.side ?? 0
    let step = side + gap
    var canvas = PictureCanvas(
      width: step * (rows.map(\.count).max() ?? 0) + gap, height: step * rows.count + gap, colour: background)
    for (r, row) in rows.enumerated() {
      for (t, tile) in row.enumerated() { canvas.place(tile, left: gap + t * step, top: gap + r * step) }
    }
    return canvas
  }

  /// The bytes of the picture of rows of tiles, which have one size.
  static func rendered(_ rows: [[SliceTile]]) -> RenderedPicture {
    let canvas = canvas(rows)
    return RenderedPicture(png: canvas.png, width: canvas.width, height: canvas.height)
  }
}

/// A picture in colour, in memory.
package struct PictureCanvas: Sendable, Equatable {
  package let width: Int
  package let height: Int
  /// `width · height` pixels, row by row: red, green, blue.
  package private(set) var pixels: [SIMD3<UInt8>]

  init(width: Int, height: Int, colour: SIMD3<UInt8>) {
    (self.width, self.height) = (width, height)
    pixels = [SIMD3<UInt8>](repeating: colour, count: width * height)
  }

  mutating func place(_ tile: SliceTile, left: Int, top: Int) {
    for y in 0..<tile.side {
      let start = (top + y) * width + left
      pixels.replaceSubrange(
        start..<start + tile.side, with: tile.pixels[y * tile.side..<(y + 1) * tile.side])
    }
  }

  private var samples: [UInt8] { pixels.flatMap { [$0.x, $0.y, $0.z] } }

  /// Writes a PNG. Throws `FileError.notWritable`.
  package func write(to path: String) throws {
    try PNG.write(colours: samples, width: width, height: height, to: path)
  }

  /// The bytes of the same file.
  package var png: Data { PNG.data(of: samples, width: width, height: height, channels: 3) }
}

/// A picture as the bytes of a PNG file.
package struct RenderedPicture: Sendable, Equatable {
  package let png: Data
  package let width: Int
  package let height: Int
}
