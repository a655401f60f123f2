import CNIfTI
import Foundations

/// Packs and damages gzip files.
enum Gzip {
  /// One member, as segfed writes it.
  static func member(_ bytes: [UInt8]) -> [UInt8] {
    var block: UnsafeMutablePointer<UInt8>?
    var count = 0
    precondition(segfed_gzip(bytes, bytes.count, 6, &block, &count) == Z_OK, "a member can be made")
    defer { free(block) }
    return Array(UnsafeBufferPointer(start: block, count: count))
  }

  /// A zlib stream, as PNG wants it.
  static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(UInt(bytes.count))
    var packed = [UInt8](repeating: 0, count: Int(count))
    precondition(compress(&packed, &count, bytes, UInt(bytes.count)) == Z_OK, "a stream can be made")
    return Array(packed.prefix(Int(count)))
  }

  /// 16 MiB of zeros in 16 KiB: four times the ceiling.
  static let bomb = member([UInt8](repeating: 0, count: 16 << 20))

  /// `bytes` in gzip: whole, in two members, with a wrong length or checksum, with flags, with a bomb behind it.
  static func packed(_ bytes: [UInt8], _ random: inout RandomStream) -> [UInt8] {
    var packed = member(bytes)
    switch random.integer(below: 13) {
    case 0:
      let cut = random.integer(below: bytes.count + 1)
      packed = member(Array(bytes[..<cut])) + member(Array(bytes[cut...]))
    case 1: packed += bomb
    case 2: packed.put(random.nextUInt32(), at: packed.count - 4, bigEndian: false)
    case 3: packed.put(random.nextUInt32(), at: packed.count - 8, bigEndian: false)
    case 4: packed[3] = UInt8(random.integer(below: 256))
    case 5: packed.removeLast(random.integer(below: packed.count - 2))
    case 6: packed += [UInt8](repeating: 0x1f, count: 1 + random.integer(below: 40))
    case 7: packed.insert(contentsOf: [UInt8](repeating: 0x41, count: 5000), at: 10)
    case 8:
      // More than its own record of its length says, which is what the header asks for; or less.
      packed = member(
        random.integer(below: 2) == 0 ? bytes + [UInt8](repeating: 1, count: 64) : bytes.dropLast())
      packed.put(UInt32(bytes.count), at: packed.count - 4, bigEndian: false)
    case 9: for _ in 0..<3 { packed.damage(&random) }
    default: break
    }
    return packed
  }
}
