import CNIfTI
import Foundations

/// A PNG as its chunks.
struct PNGChunks {
  struct Chunk {
    var name: String
    var data: [UInt8]
  }
  var chunks: [Chunk]

  static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  /// The file, every chunk with its right checksum.
  var bytes: [UInt8] {
    var bytes = Self.signature
    for chunk in chunks {
      let body = Array(chunk.name.utf8) + chunk.data
      bytes += Self.bigEndian(UInt32(chunk.data.count)) + body
      bytes += Self.bigEndian(UInt32(truncatingIfNeeded: crc32(0, body, UInt32(body.count))))
    }
    return bytes
  }

  static func bigEndian(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
}

/// Small valid pictures of every kind that PNG has: grey, palette, RGB, with alpha, each depth, interlaced or not.
enum PNGSeeds {
  static let all: [PNGChunks] = {
    let kinds: [(colour: UInt8, depths: [UInt8], channels: Int)] = [
      (0, [1, 2, 4, 8, 16], 1), (2, [8, 16], 3), (3, [1, 2, 4, 8], 1), (4, [8, 16], 2), (6, [8, 16], 4),
    ]
    return kinds.flatMap { kind in
      kind.depths.flatMap { depth in
        [false, true].map { picture(kind.colour, depth, kind.channels, isInterlaced: $0) }
      }
    }
  }()

  private static let (width, height) = (13, 9)

  private static func picture(
    _ colour: UInt8, _ depth: UInt8, _ channels: Int, isInterlaced: Bool
  ) -> PNGChunks {
    let header =
      PNGChunks.bigEndian(UInt32(width)) + PNGChunks.bigEndian(UInt32(height))
      + [depth, colour, 0, 0, isInterlaced ? 1 : 0]
    var chunks = [PNGChunks.Chunk(name: "IHDR", data: header)]
    if colour == 3 {
      let colours = 1 << Int(depth)
      chunks.append(.init(name: "PLTE", data: (0..<3 * colours).map { UInt8($0 * 37 % 256) }))
      chunks.append(.init(name: "tRNS", data: [0, 128]))
    }
    chunks.append(.init(name: "IDAT", data: Gzip.zlib(rows(bits: channels * Int(depth), isInterlaced))))
    chunks.append(.init(name: "IEND", data: []))
    return PNGChunks(chunks: chunks)
  }

  /// Rows, each behind its filter byte: of the picture, or of Adam7's seven smaller ones.
  private static func rows(bits: Int, _ isInterlaced: Bool) -> [UInt8] {
    let adam7 = [
      (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
    ]
    var rows: [UInt8] = []
    for (x, y, stepX, stepY) in isInterlaced ? adam7 : [(0, 0, 1, 1)] {
      let columns = (width - x + stepX - 1) / stepX
      for row in stride(from: y, to: height, by: stepY) where columns > 0 {
        rows.append(UInt8(row % 5))
        rows += (0..<(columns * bits + 7) / 8).map { UInt8(($0 * 29 + row * 7) % 256) }
      }
    }
    return rows
  }
}
