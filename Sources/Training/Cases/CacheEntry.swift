import Foundation
import Foundations
import Harmonization
import Imaging

/// A harmonised case as a file: magic, the length of a JSON header, the header, arrays at multiples of 64 bytes, and the
/// SHA-256 of all that. Arrays are little-endian, as they lie in memory, so that the file can be mapped.
enum CacheEntry {
  static let magic = Array("segfedc2".utf8)
  private static let alignment = 64
  private static let digestBytes = 32

  /// An array's place.
  fileprivate struct Section: Codable {
    let offset: Int
    let count: Int
  }

  fileprivate struct Header: Codable {
    let geometry: GeometryRecord
    let channels: Int
    let restoration: RestorationRecord
    let fits: [ScanFit]
    let uncompressedBytes: Int
    let contentHash: UInt64
    let image: Section
    let labels: Section?
    /// The reference's labels, and the part of the scan's grid that they fill; 0 around it.
    let reference: Section?
    let referenceGrid: GeometryRecord?
    let referenceBox: GridBox?
  }

  /// nil where there is no whole entry: it is missing, cut short, changed, or of another machine's byte order. An entry that this
  /// process has read or written before need not be `checked` byte by byte.
  static func read(_ path: String, name: String, checked: Bool = true) -> PreparedCase? {
    guard let file = try? MappedFile(path),
      let header = file.withBytes({ Self.header($0, checked: checked) })
    else { return nil }
    func fits(_ section: Section?, _ stride: Int, count: Int) -> Bool {
      guard let section else { return true }
      return section.count == count && section.offset >= 0 && section.offset % alignment == 0
        && section.offset + count * stride <= file.count - digestBytes
    }
    let geometry = header.geometry.geometry
    guard fits(header.image, 4, count: geometry.count * header.channels),
      fits(header.labels, 2, count: geometry.count), let restoration = header.restoration.restoration
    else { return nil }
    var reference: LabelVolume?
    if let section = header.reference, let box = header.referenceBox,
      let grid = header.referenceGrid?.geometry
    {
      guard fits(section, 2, count: box.size.x * box.size.y * box.size.z) else { return nil }
      let labels = FixedArray<UInt16>(file, offset: section.offset, count: section.count).array
      reference = LabelVolume(geometry: box.geometry(in: grid), labels: labels).placed(in: box, of: grid)
    }
    return PreparedCase(
      name: name,
      harmonized: HarmonizedCase(
        geometry: geometry, channels: header.channels,
        image: FixedArray(file, offset: header.image.offset, count: header.image.count),
        labels: header.labels.map { FixedArray(file, offset: $0.offset, count: $0.count) },
        restoration: restoration, fits: header.fits),
      reference: reference, uncompressedBytes: header.uncompressedBytes, contentHash: header.contentHash)
  }

  private static func header(_ bytes: UnsafeRawBufferPointer, checked: Bool) -> Header? {
    let start = magic.count + 8
    guard bytes.count >= start + digestBytes, bytes.prefix(magic.count).elementsEqual(magic) else {
      return nil
    }
    let content = UnsafeRawBufferPointer(rebasing: bytes.dropLast(digestBytes))
    if checked && !bytes.suffix(digestBytes).elementsEqual(Digest.sha256(content)) { return nil }
    let length = Int(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: magic.count, as: UInt64.self))
    guard length >= 0, length <= content.count - start else { return nil }
    return try? JSONDecoder().decode(Header.self, from: Data(content[start..<start + length]))
  }

  /// Throws `FileError.notWritable`.
  static func write(_ item: PreparedCase, to path: String) throws {
    try AtomicFile.write(try bytes(of: item, path: path), to: path)
  }

  /// An entry's bytes; `path` is for messages.
  static func bytes(of item: PreparedCase, path: String) throws -> Data {
    let harmonized = item.harmonized
    var payload = Payload()
    let image = harmonized.image.withUnsafeBufferPointer {
      payload.add(UnsafeRawBufferPointer($0), count: $0.count)
    }
    let labels = harmonized.labels?.withUnsafeBufferPointer {
      payload.add(UnsafeRawBufferPointer($0), count: $0.count)
    }
    let box = item.reference.map(\.labelledBox)
    var reference: Section?
    if let map = item.reference, let box {
      reference = map.cropped(to: box).labels.withUnsafeBytes { payload.add($0, count: $0.count / 2) }
    }
    // The header's length depends on the offsets in it: room is left for the header, then it is filled with spaces.
    func header(_ first: Int) -> Header {
      func moved(_ section: Section?) -> Section? {
        section.map { Section(offset: $0.offset + first, count: $0.count) }
      }
      return Header(
        geometry: GeometryRecord(harmonized.geometry), channels: harmonized.channels,
        restoration: RestorationRecord(harmonized.restoration), fits: harmonized.fits,
        uncompressedBytes: item.uncompressedBytes, contentHash: item.contentHash,
        image: Section(offset: image.offset + first, count: image.count), labels: moved(labels),
        reference: moved(reference), referenceGrid: item.reference.map { GeometryRecord($0.geometry) },
        referenceBox: box)
    }
    let start = magic.count + 8
    let first = (start + (try encoded(header(1 << 40), path)).count + alignment - 1) / alignment * alignment
    var text = try encoded(header(first), path)
    text.append(Data(repeating: 0x20, count: first - start - text.count))
    var file = Data(magic)
    withUnsafeBytes(of: UInt64(text.count)) { file.append(contentsOf: $0) }
    file.append(text)
    file.append(payload.bytes)
    file.append(contentsOf: Digest.sha256(file))
    return file
  }

  private static func encoded(_ header: Header, _ path: String) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    do { return try encoder.encode(header) } catch {
      throw FileError.notWritable(path: path, reason: "the header cannot be encoded")
    }
  }

  private struct Payload {
    var bytes = Data()

    mutating func add(_ array: UnsafeRawBufferPointer, count: Int) -> Section {
      let section = Section(offset: bytes.count, count: count)
      bytes.append(contentsOf: array)
      bytes.append(Data(repeating: 0, count: (alignment - bytes.count % alignment) % alignment))
      return section
    }
  }
}
