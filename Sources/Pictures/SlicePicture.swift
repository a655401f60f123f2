import Foundation
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
    let canvas = canvas(rows.map(\.tiles))
    try PNG.write(colours: canvas.samples, width: canvas.width, height: canvas.height, to: path)
  }

  /// The bytes of the same picture of rows of tiles, which have one size.
  static func rendered(_ rows: [[SliceTile]]) -> RenderedPicture {
    let canvas = canvas(rows)
    return RenderedPicture(
      png: PNG.data(of: canvas.samples, width: canvas.width, height: canvas.height, channels: 3),
      width: canvas.width, height: canvas.height)
  }

  private static func canvas(_ rows: [[SliceTile]]) -> (samples: [UInt8], width: Int, height: Int) {
    let side = rows.first?.first?.side ?? SliceTile.side
    let step = side + gap
    let width = step * (rows.map(\.count).max() ?? 0) + gap
    let height = step * rows.count + gap
    var canvas = [SIMD3<UInt8>](repeating: background, count: width * height)
    for (r, row) in rows.enumerated() {
      for (t, tile) in row.enumerated() {
        for y in 0..<side {
          let start = (gap + r * step + y) * width + gap + t * step
          canvas.replaceSubrange(start..<start + side, with: tile.pixels[y * side..<(y + 1) * side])
        }
      }
    }
    return (canvas.flatMap { [$0.x, $0.y, $0.z] }, width, height)
  }
}

/// A picture as the bytes of a PNG file.
package struct RenderedPicture: Sendable, Equatable {
  package let png: Data
  package let width: Int
  package let height: Int
}
