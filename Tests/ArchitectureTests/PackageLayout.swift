import Foundation

/// The package's sources and manifest as text, for tests of its architecture.
enum PackageLayout {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// All Swift files of a folder in Sources, as paths relative to it with their text.
  static func swiftFiles(of module: String) throws -> [(name: String, text: String)] {
    let folder = root.appendingPathComponent("Sources/\(module)")
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }
      .sorted()
      .map { ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)) }
  }

  static func moduleFolders() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("Sources").path).sorted()
  }

  /// The modules that a file imports, whatever the attributes, access level or kind of the import.
  static func imports(in text: String) -> Set<String> {
    var found: Set<String> = []
    for line in text.split(whereSeparator: { $0.isNewline || $0 == ";" }) {
      var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
      let modifiers = ["public", "package", "internal", "fileprivate", "private"]
      while let first = words.first, first.hasPrefix("@") || modifiers.contains(first) { words.removeFirst() }
      guard words.first == "import", words.count > 1 else { continue }
      let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor"]
      let name = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
      found.insert(String(name.prefix { $0 != "." }))
    }
    return found
  }
}
