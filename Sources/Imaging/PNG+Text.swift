import Foundation
import Foundations

extension PNG {
  /// Chunks that say what the picture looks like, and how large its pixels are. All others may hold text or a time, also a
  /// colour profile (its name and copyright).
  private static let kept: Set<String> = [
    "IHDR", "PLTE", "tRNS", "IDAT", "IEND", "cHRM", "gAMA", "sRGB", "cICP", "sBIT", "bKGD", "hIST", "pHYs",
  ]

  /// Chunks that may hold text, and bytes behind the picture's end. Throws `FileError` or `ImagingError`.
  package static func text(_ path: String, limits: ReadLimits = .standard) throws -> [HeaderText] {
    let bytes = try content(path, limits: limits)
    let (chunks, end) = try chunks(bytes, path: path)
    var found = chunks.filter { !kept.contains($0.name) }.map {
      HeaderText(field: $0.name, bytes: $0.range.count - 12)
    }
    if end < bytes.count {
      found.append(HeaderText(field: "bytes after the picture", bytes: bytes.count - end))
    }
    return found
  }

  /// Copies a picture into a folder, under its name, without the chunks that `text` tells of; the others are the same, byte
  /// for byte. Whole or not at all. Throws `FileError` or `ImagingError`.
  package static func copyWithoutText(
    _ path: String, into folder: String, limits: ReadLimits = .standard
  ) throws {
    let bytes = try content(path, limits: limits)
    var copy = Data(bytes.prefix(8))
    for chunk in try chunks(bytes, path: path).chunks where kept.contains(chunk.name) {
      copy.append(contentsOf: bytes[chunk.range])
    }
    try AtomicFile.write(copy, to: folder + "/" + FolderListing.name(of: path))
  }

  /// Every chunk with its length, name and checksum, and where the last one, IEND, ends.
  private static func chunks(
    _ bytes: [UInt8], path: String
  ) throws -> (chunks: [(name: String, range: Range<Int>)], end: Int) {
    var chunks: [(name: String, range: Range<Int>)] = []
    var start = 8
    while start + 12 <= bytes.count {
      let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - start - 12 else { break }
      let letters = bytes[start + 4..<start + 8]
      let isName = letters.allSatisfy { (0x41...0x5a).contains($0 & 0xdf) }
      let name = isName ? String(decoding: letters, as: UTF8.self) : "chunk without a name"
      chunks.append((name, start..<start + 12 + length))
      start += 12 + length
      if name == "IEND" { return (chunks, start) }
    }
    throw ImagingError.corrupt(path: path, reason: "the picture's chunks end early")
  }
}
