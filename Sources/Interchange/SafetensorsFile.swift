import Foundation
import Foundations

/// Named Float32 tensors with text metadata, in the safetensors format.
///
/// Format: 8 bytes of header length (little-endian), a JSON header, the tensors' bytes without gaps
/// (github.com/huggingface/safetensors, README "Format"). Equal content gives equal bytes: entries keep
/// the order of `tensors`, metadata comes first in order of its keys, spaces pad the header to 8 bytes.
package struct SafetensorsFile: Sendable, Equatable {
  package var tensors: [NamedTensor]
  /// The header's `__metadata__`.
  package var metadata: [String: String]

  /// Names must differ and not be `__metadata__`.
  package init(tensors: [NamedTensor], metadata: [String: String] = [:]) {
    precondition(Set(tensors.map(\.name)).count == tensors.count, "two tensors have one name")
    precondition(tensors.allSatisfy { $0.name != Self.metadataKey }, "a tensor has the metadata's name")
    self.tensors = tensors
    self.metadata = metadata
  }

  static let metadataKey = "__metadata__"
  /// The reference reader's own ceiling.
  static let headerLimit = 100_000_000

  /// The whole file's bytes.
  package func encoded() -> Data {
    var entries: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }
        .map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
      entries.append("\"\(Self.metadataKey)\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for tensor in tensors {
      let end = offset + 4 * tensor.values.count
      let shape = tensor.shape.map { "\($0)" }.joined(separator: ",")
      entries.append(
        "\(JSONText.quoted(tensor.name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Data("{\(entries.joined(separator: ","))}".utf8)
    header.append(Data(repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
    var bytes = Data(capacity: 8 + header.count + offset)
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: header.count >> (8 * shift))) }
    bytes.append(header)
    for tensor in tensors { bytes.append(FloatBytes.data(tensor.values)) }
    return bytes
  }

  /// Writes the file whole or not at all. Throws `FileError.notWritable`.
  package func write(to path: String) throws {
    try AtomicFile.write(encoded(), to: path)
  }

  /// Reads and checks a file. Throws `FileError` or `InterchangeError`.
  package static func read(_ path: String) throws -> SafetensorsFile {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw FileError.notFound(path: path)
    }
    guard !isFolder.boolValue else { throw FileError.unreadable(path: path, reason: "it is a folder") }
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw FileError.unreadable(path: path, reason: (error as NSError).localizedDescription)
    }
    return try SafetensorsReader(path: path, bytes: bytes).file()
  }
}
