import Foundation
import Foundations

/// That a file holds free text beside its voxels, and how much. Never the text: it may name a patient.
package struct HeaderText: Sendable, Equatable {
  /// Where it stands: `descrip`, `extension 6`, `tEXt`, …
  package let field: String
  /// Bytes of it.
  package let bytes: Int

  package init(field: String, bytes: Int) {
    self.field = field
    self.bytes = bytes
  }
}

extension NIfTI {
  /// Header fields of free text: name, offset, length.
  static func textFields(version: Int) -> [(name: String, offset: Int, count: Int)] {
    version == 1
      ? [
        ("data_type", 4, 10), ("db_name", 14, 18), ("descrip", 148, 80), ("aux_file", 228, 24),
        ("intent_name", 328, 16),
      ]
      : [("descrip", 240, 80), ("aux_file", 320, 24), ("intent_name", 508, 16), ("unused_str", 525, 15)]
  }

  /// Free text in a scan's files: header fields, header extensions, bytes before and after the voxels, names in the gzip
  /// wrapper.
  ///
  /// Voxels are not read. Throws `FileError` or `ImagingError`.
  package static func text(_ path: String, limits: ReadLimits = .standard) throws -> [HeaderText] {
    let paths = try NIfTIPaths(path)
    let header = try header(path)
    let front = try frontBytes(paths.header, header: header, limits: limits)
    var found = textFields(version: header.version).compactMap { field -> HeaderText? in
      let text = front[field.offset..<field.offset + field.count]
      let length = (text.lastIndex { $0 != 0 && $0 != 0x20 } ?? text.startIndex - 1) - text.startIndex + 1
      return length > 0 ? HeaderText(field: field.name, bytes: length) : nil
    }
    let headerBytes = header.version == 1 ? NIfTIHeader.byteCount1 : NIfTIHeader.byteCount2
    found += extensions(front.dropFirst(headerBytes), isBigEndian: header.isBigEndian)
    for file in Set([paths.header, paths.image]).sorted() { found += try gzipText(file) }
    let rest = try bytesAfterVoxels(paths.image, header: header, limits: limits)
    if rest > 0 { found.append(HeaderText(field: "bytes after the voxels", bytes: rest)) }
    return found
  }

  /// What a pair's header file may hold, extensions included: far more than any writer puts there.
  private static let mostHeaderBytes = 1 << 26

  /// What stands before the voxels: header and extensions; of a pair, the whole header file.
  private static func frontBytes(_ path: String, header: NIfTIHeader, limits: ReadLimits) throws -> [UInt8] {
    let file = try InflatingFile(path: path)
    let wanted = header.isPair ? min(file.mostBytes, mostHeaderBytes) : header.voxelOffset
    guard wanted <= min(file.mostBytes, limits.inflatedBytes) else {
      throw ImagingError.truncated(path: path, expectedBytes: wanted, foundBytes: try file.skip(wanted))
    }
    var bytes = [UInt8](repeating: 0, count: wanted)
    let got = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
    return Array(bytes.prefix(got))
  }

  /// The list of extensions behind a header (size, code, content each); what follows no such form is counted as bytes.
  private static func extensions(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> [HeaderText] {
    var found: [HeaderText] = []
    var rest = bytes.dropFirst(4)
    func int32(_ offset: Int) -> Int {
      let four = rest.dropFirst(offset).prefix(4)
      let value = (isBigEndian ? Array(four) : four.reversed()).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return Int(Int32(bitPattern: value))
    }
    if bytes.first ?? 0 != 0 {
      while rest.count >= 8, int32(0) >= 8, int32(0) <= rest.count {
        found.append(HeaderText(field: "extension \(int32(4))", bytes: int32(0) - 8))
        rest = rest.dropFirst(int32(0))
      }
    }
    let strange = rest.count { $0 != 0 }
    if strange > 0 { found.append(HeaderText(field: "bytes before the voxels", bytes: strange)) }
    return found
  }

  /// The file name and the comment that a gzip member may carry (RFC 1952).
  private static func gzipText(_ path: String) throws -> [HeaderText] {
    guard let handle = FileHandle(forReadingAtPath: path) else { throw FileError.notFound(path: path) }
    defer { try? handle.close() }
    guard let head = try? handle.read(upToCount: 1 << 17), head.count > 12, head[0] == 0x1f, head[1] == 0x8b
    else { return [] }
    let flags = head[3]
    var rest = head.dropFirst(10)
    if flags & 4 != 0 {
      let length = Int(rest[rest.startIndex]) | Int(rest[rest.startIndex + 1]) << 8
      rest = rest.dropFirst(2 + length)
    }
    var found: [HeaderText] = []
    for (flag, field) in [(8 as UInt8, "gzip file name"), (16, "gzip comment")] where flags & flag != 0 {
      let text = rest.prefix { $0 != 0 }
      if !text.isEmpty { found.append(HeaderText(field: field, bytes: text.count)) }
      rest = rest.dropFirst(text.count + 1)
    }
    return found
  }

  /// From the file's size: a gzip stream ends with its content's length modulo 2³². A truncated one ends with anything, so
  /// what that length promises is looked for.
  private static func bytesAfterVoxels(
    _ path: String, header: NIfTIHeader, limits: ReadLimits
  ) throws -> Int {
    let file = try InflatingFile(path: path)
    let needed = header.voxelOffset + header.voxelBytes
    guard file.isGzip else { return max(0, file.diskBytes - needed) }
    guard file.diskBytes >= 18, let handle = FileHandle(forReadingAtPath: path) else { return 0 }
    defer { try? handle.close() }
    guard (try? handle.seek(toOffset: UInt64(file.diskBytes - 4))) != nil,
      let last = try? handle.read(upToCount: 4), last.count == 4
    else { return 0 }
    let length = last.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let rest = Int(length &- UInt32(truncatingIfNeeded: needed))
    guard rest > 0, needed + rest <= min(file.mostBytes, limits.inflatedBytes) else { return 0 }
    return max(0, try file.skip(needed + rest) - needed)
  }
}
