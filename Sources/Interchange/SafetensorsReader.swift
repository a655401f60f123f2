import Foundation
import Foundations

/// Takes a safetensors file apart and believes nothing that it says before it was checked.
struct SafetensorsReader {
  let path: String
  let bytes: Data

  private struct Entry {
    let name: String
    let shape: [Int]
    let begin: Int
    let end: Int
  }

  /// The file's content, tensors in order of their bytes.
  func file() throws -> SafetensorsFile {
    let headerLength = try headerLength()
    let header = try header(length: headerLength)
    var entries = try header.tensors.map { try entry(name: $0.name, $0.fields) }
    // Ties are empty tensors: they hold no bytes, their names decide.
    entries.sort { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }
    var position = 0
    for entry in entries {
      guard entry.begin == position else {
        throw badTensor(
          entry.name, "data_offsets", "a start of \(entry.begin)",
          "\(position), right behind the tensor before it")
      }
      position = entry.end
    }
    let start = 8 + headerLength
    guard bytes.count == start + position else {
      throw InterchangeError.wrongSize(path: path, found: bytes.count, expected: start + position)
    }
    let tensors = entries.map { entry in
      let from = bytes.startIndex + start
      let values = FloatBytes.floats(bytes[from + entry.begin..<from + entry.end])
      return NamedTensor(name: entry.name, shape: entry.shape, values: values)
    }
    return SafetensorsFile(tensors: tensors, metadata: header.metadata)
  }

  private func headerLength() throws -> Int {
    guard bytes.count >= 8 else {
      throw badHeader("length", "missing in a file of \(bytes.count) bytes", "8 bytes")
    }
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length >= 2, length <= SafetensorsFile.headerLimit else {
      throw badHeader("length", "\(length)", "2 to \(SafetensorsFile.headerLimit)")
    }
    guard Int(length) <= bytes.count - 8 else {
      throw InterchangeError.wrongSize(path: path, found: bytes.count, expected: 8 + Int(length))
    }
    return Int(length)
  }

  private func header(length: Int) throws -> SafetensorsHeader {
    let start = bytes.startIndex + 8
    guard bytes[start] == UInt8(ascii: "{"),
      let header = try? JSONDecoder().decode(SafetensorsHeader.self, from: bytes[start..<start + length])
    else { throw badHeader("text", "no JSON object of objects", "a JSON object with an object per tensor") }
    return header
  }

  private func entry(name: String, _ fields: SafetensorsHeader.Fields) throws -> Entry {
    guard fields.dtype == "F32" else {
      throw badTensor(name, "dtype", fields.dtype ?? "missing", "F32")
    }
    guard let shape = fields.shape, shape.allSatisfy({ $0 >= 0 }) else {
      throw badTensor(name, "shape", "no list of sizes", "a list of whole numbers")
    }
    guard let offsets = fields.offsets, offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1]
    else { throw badTensor(name, "data_offsets", "no range", "a start and an end in bytes") }
    var byteCount = 4
    for size in shape {
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: size)
      guard !overflow else { throw badTensor(name, "shape", "\(shape)", "a size that fits memory") }
      byteCount = product
    }
    guard offsets[1] - offsets[0] == byteCount else {
      throw badTensor(
        name, "data_offsets", "\(offsets[1] - offsets[0]) bytes", "\(byteCount) for shape \(shape)")
    }
    return Entry(name: name, shape: shape, begin: offsets[0], end: offsets[1])
  }

  private func badHeader(_ field: String, _ found: String, _ expected: String) -> InterchangeError {
    .badHeader(path: path, field: field, found: found, expected: expected)
  }

  private func badTensor(
    _ tensor: String, _ field: String, _ found: String, _ expected: String
  ) -> InterchangeError {
    .badTensor(path: path, tensor: tensor, field: field, found: found, expected: expected)
  }
}

/// The JSON object at a file's start, as it is written there.
struct SafetensorsHeader: Decodable {
  /// One tensor's entry; a field of another type than the format's reads as missing.
  struct Fields: Decodable {
    let dtype: String?
    let shape: [Int]?
    let offsets: [Int]?

    private enum CodingKeys: String, CodingKey {
      case dtype
      case shape
      case offsets = "data_offsets"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      dtype = try? container.decode(String.self, forKey: .dtype)
      shape = try? container.decode([Int].self, forKey: .shape)
      offsets = try? container.decode([Int].self, forKey: .offsets)
    }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  let metadata: [String: String]
  /// In order of the names.
  let tensors: [(name: String, fields: Fields)]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    metadata =
      try container.decodeIfPresent(
        [String: String].self, forKey: Key(stringValue: SafetensorsFile.metadataKey)) ?? [:]
    tensors =
      try container.allKeys
      .filter { $0.stringValue != SafetensorsFile.metadataKey }
      .sorted { $0.stringValue < $1.stringValue }
      .map { ($0.stringValue, try container.decode(Fields.self, forKey: $0)) }
  }
}
