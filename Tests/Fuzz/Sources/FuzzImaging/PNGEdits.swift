import Foundations

/// Damage to a PNG's chunks, whose checksums are made right again.
enum PNGEdits {
  /// A zlib stream of 16 MiB of zeros: four times the ceiling.
  private static let bomb = Gzip.zlib([UInt8](repeating: 0, count: 16 << 20))
  /// 6 MiB of zeros: above the ceiling, and below the 8 MB that libpng grants a chunk.
  private static let smallBomb = Gzip.zlib([UInt8](repeating: 0, count: 6 << 20))

  static func edit(_ png: inout PNGChunks, _ random: inout RandomStream) {
    guard !png.chunks.isEmpty else { return }
    let index = random.integer(below: png.chunks.count)
    switch random.integer(below: 9) {
    case 0, 1, 2: editHeader(&png, &random)
    case 3: png.chunks.remove(at: index)
    case 4: png.chunks.insert(png.chunks[index], at: random.integer(below: png.chunks.count + 1))
    case 5: png.chunks.swapAt(index, random.integer(below: png.chunks.count))
    case 6: png.chunks[index].data.damage(&random)
    case 7: png.chunks.insert(ancillary(&random), at: min(1 + random.integer(below: 2), png.chunks.count))
    default:
      for index in png.chunks.indices where png.chunks[index].name == "IDAT" { png.chunks[index].data = bomb }
    }
  }

  private static func editHeader(_ png: inout PNGChunks, _ random: inout RandomStream) {
    guard let index = png.chunks.firstIndex(where: { $0.name == "IHDR" }) else { return }
    let lengths: [UInt32] = [
      0, 1, 8, 14, 255, 999, 1000, 1001, 1448, 2048, 65535, 1_000_000, 1_000_001, 1 << 30, .max >> 1, .max,
    ]
    switch random.integer(below: 5) {
    case 0: png.chunks[index].data.put(lengths.any(&random), at: 0, bigEndian: true)
    case 1: png.chunks[index].data.put(lengths.any(&random), at: 4, bigEndian: true)
    case 2:
      let place = 8 + random.integer(below: 5)
      png.chunks[index].data.put(
        [0, 1, 2, 3, 4, 6, 8, 16, 32, 255].any(&random) as UInt8, at: place, bigEndian: true)
    case 3:
      // As narrow and tall as libpng allows, and below the ceiling.
      png.chunks[index].data.put(1 as UInt32, at: 0, bigEndian: true)
      png.chunks[index].data.put(1_000_000 as UInt32, at: 4, bigEndian: true)
    default:
      png.chunks[index].data.put(lengths.any(&random), at: 0, bigEndian: true)
      png.chunks[index].data.put(lengths.any(&random), at: 4, bigEndian: true)
    }
  }

  /// A chunk that a reader of voxels does not need: text and profile that inflate without end, or nonsense.
  private static func ancillary(_ random: inout RandomStream) -> PNGChunks.Chunk {
    let keyword = Array("Comment".utf8)
    let packed = random.integer(below: 4) == 0 ? bomb : smallBomb
    switch random.integer(below: 5) {
    case 0: return .init(name: "zTXt", data: keyword + [0, 0] + packed)
    case 1: return .init(name: "iTXt", data: keyword + [0, 1, 0, 0, 0] + packed)
    case 2: return .init(name: "iCCP", data: keyword + [0, 0] + packed)
    case 3: return .init(name: "tRNS", data: [UInt8](repeating: 7, count: random.integer(below: 300)))
    default:
      let names = [
        "PLTE", "sPLT", "hIST", "gAMA", "cHRM", "sBIT", "bKGD", "pHYs", "tIME", "eXIf", "abCd", "ABCD",
      ]
      return .init(
        name: names.any(&random),
        data: (0..<random.integer(below: 800)).map { _ in UInt8(random.integer(below: 256)) })
    }
  }
}
