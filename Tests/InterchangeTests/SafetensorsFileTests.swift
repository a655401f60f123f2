import Foundation
import Foundations
import Interchange
import TestSupport
import Testing

private func temporaryPath() -> String {
  FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).safetensors").path
}

private let sample = SafetensorsFile(
  tensors: [
    NamedTensor(
      name: "encoder.0.weight", shape: [2, 1, 3], values: [0.1, -0.0, .leastNonzeroMagnitude, 3.4e38, -7, 2]),
    NamedTensor(name: "a \"b\\\n", shape: [], values: [5]),
    NamedTensor(name: "nothing", shape: [0, 4], values: []),
    NamedTensor(name: "bias", shape: [2], values: [1, .pi]),
  ],
  metadata: ["schema_version": "1", "plan": "name: \"ü\"\n\twidth: 8\u{1}"])

/// A file from its header text and the number of bytes behind it.
private func file(header: String, dataBytes: Int) -> Data {
  let text = Data(header.utf8)
  var bytes = Data((0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) })
  bytes.append(text)
  bytes.append(Data(repeating: 0, count: dataBytes))
  return bytes
}

struct SafetensorsFileTests {
  @Test func readsWhatItWrote() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try sample.write(to: path)
    let read = try SafetensorsFile.read(path)
    #expect(read.metadata == sample.metadata)
    #expect(read.tensors.map(\.name).sorted() == sample.tensors.map(\.name).sorted())
    for tensor in sample.tensors {
      let found = try #require(read.tensors.first { $0.name == tensor.name })
      #expect(found.shape == tensor.shape)
      #expect(found.values.map(\.bitPattern) == tensor.values.map(\.bitPattern))
    }
  }

  @Test func bytesFollowTheFormat() throws {
    let tensor = NamedTensor(name: "w", shape: [1], values: [1])
    let bytes = SafetensorsFile(tensors: [tensor], metadata: ["b": "2", "a": "1"]).encoded()
    let header = #"{"__metadata__":{"a":"1","b":"2"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    #expect(Array(bytes.prefix(8)) == [UInt8(padded.utf8.count), 0, 0, 0, 0, 0, 0, 0])
    #expect(bytes.dropFirst(8).prefix(padded.utf8.count) == Data(padded.utf8))
    #expect(Array(bytes.suffix(4)) == [0, 0, 0x80, 0x3F])
    #expect((bytes.count - 4) % 8 == 0)
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func pythonReadsWhatWeWrite() throws {
    struct Content: Decodable {
      struct Tensor: Decodable {
        let dtype: String
        let shape: [Int]
        let bits: [UInt32]
      }
      let metadata: [String: String]
      let tensors: [String: Tensor]
    }
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try sample.write(to: path)
    let output = try PythonReference.run(
      script: "safetensors_reference.py", arguments: ["read", path], input: nil)
    let content = try JSONDecoder().decode(Content.self, from: output)
    #expect(content.metadata == sample.metadata)
    #expect(content.tensors.count == sample.tensors.count)
    for tensor in sample.tensors {
      let found = try #require(content.tensors[tensor.name])
      #expect(found.dtype == "float32")
      #expect(found.shape == tensor.shape)
      #expect(found.bits == tensor.values.map(\.bitPattern))
    }
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func readsWhatPythonWrites() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try PythonReference.run(
      script: "safetensors_reference.py", arguments: ["write", path], input: nil)
    let file = try SafetensorsFile.read(path)
    #expect(file.metadata == ["made by": "numpy \"quoted\" ü", "round": "3"])
    let tensors = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    #expect(tensors.count == 4)
    #expect(tensors["z.weight"]?.shape == [2, 3, 4])
    #expect(tensors["z.weight"]?.values == (0..<24).map { Float($0) / 7 })
    let bias = try #require(tensors["a.bias"])
    #expect(bias.values.map(\.bitPattern) == [Float(1e-40), -0.0, 3.4e38].map(\.bitPattern))
    #expect(tensors["scalar"] == NamedTensor(name: "scalar", shape: [], values: [2.5]))
    #expect(tensors["empty"] == NamedTensor(name: "empty", shape: [0, 3], values: []))
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func refusesOtherTypes() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try PythonReference.run(
      script: "safetensors_reference.py", arguments: ["write-half", path], input: nil)
    let error = #expect(throws: InterchangeError.self) { try SafetensorsFile.read(path) }
    #expect(
      error
        == .badTensor(path: path, tensor: "w", field: "dtype", found: "F16", expected: "F32"))
  }

  @Test func everyCutIsRefused() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let bytes = sample.encoded()
    for count in 0..<bytes.count {
      try bytes.prefix(count).write(to: URL(fileURLWithPath: path))
      #expect(throws: InterchangeError.self) { try SafetensorsFile.read(path) }
    }
    try (bytes + Data([0])).write(to: URL(fileURLWithPath: path))
    #expect(throws: InterchangeError.wrongSize(path: path, found: bytes.count + 1, expected: bytes.count)) {
      try SafetensorsFile.read(path)
    }
  }

  @Test(arguments: [
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      8, "data_offsets"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#,
      12, "data_offsets"
    ),
    (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, "shape"),
    (#"{"a":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}"#, 4, "shape"),
    (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,6]}}"#, 6, "shape"),
    (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, 8, "shape"),
    (#"{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, 8, "dtype"),
    (#"{"a":{"shape":[2],"data_offsets":[0,8]}}"#, 8, "dtype"),
    (#"{"a":{"dtype":"F32","shape":[2]}}"#, 8, "data_offsets"),
  ])
  func refusesEntriesThatDoNotHoldTogether(header: String, dataBytes: Int, field: String) throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try file(header: header, dataBytes: dataBytes).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: InterchangeError.self) { try SafetensorsFile.read(path) }
    guard case .badTensor(path, _, field, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: ["[1,2,3]", "{\"a\":1}", "{\"__metadata__\":{\"a\":1}}", "{\"a\"", "not json"])
  func refusesOtherHeaders(header: String) throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try file(header: header, dataBytes: 0).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: InterchangeError.self) { try SafetensorsFile.read(path) }
    guard case .badHeader(path, "text", _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func namesTheFileThatIsMissing() {
    #expect(throws: FileError.notFound(path: "nowhere.safetensors")) {
      try SafetensorsFile.read("nowhere.safetensors")
    }
    let folder = FileManager.default.temporaryDirectory.path
    #expect(throws: FileError.self) { try SafetensorsFile.read(folder) }
  }
}
