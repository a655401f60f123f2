import Foundation
import Testing

/// All files and empty folders of a run, by relative path, with what is in them but for the times and for who worked on it when.
struct RunContents: Equatable {
  private let files: [String: Data]

  var names: Set<String> { Set(files.keys) }

  init(_ root: String) throws {
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: root) {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: root + "/" + name, isDirectory: &isFolder)
      if isFolder.boolValue {
        let inside = try FileManager.default.contentsOfDirectory(atPath: root + "/" + name)
        if inside.isEmpty { files[name + "/"] = Data() }
        continue
      }
      if name.hasSuffix("history.json") { continue }
      let bytes = try Data(contentsOf: URL(fileURLWithPath: root + "/" + name))
      files[name] = Self.withoutTimes(bytes, name)
    }
    self.files = files
  }

  /// What differs, for a failed test.
  func difference(from other: RunContents) -> [String] {
    names.union(other.names).filter { files[$0] != other.files[$0] }.sorted()
  }

  /// Seconds in a run's text files become 0.
  private static func withoutTimes(_ bytes: Data, _ name: String) -> Data {
    guard name.hasSuffix(".jsonl") || name.hasSuffix("curves.csv") || name.hasSuffix("curves.json") else {
      return bytes
    }
    let text = String(decoding: bytes, as: UTF8.self)
    // A journal's lines hold on to each other with their seconds.
    return Data(
      text.replacing(/"seconds":\s?[0-9.e-]+/, with: "\"seconds\":0")
        .replacing(/"chain":"[0-9a-f]{64}",/, with: "").utf8)
  }
}
