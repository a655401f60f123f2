import Foundation
import Testing

/// The build's object files, as binutils show them.
struct ObjectCode {
  enum Failure: Error, CustomStringConvertible {
    case noObjects(module: String, folder: String)
    case failed(command: String, status: Int32)

    var description: String {
      switch self {
      case .noObjects(let module, let folder): "no objects of \(module) in \(folder): build it first"
      case .failed(let command, let status): "\(command) ended with \(status): is binutils installed?"
      }
    }
  }

  /// A function's symbol; weak ones may be thrown away for another object's of the same name.
  struct Symbol: Hashable {
    let name: String
    let isWeak: Bool
  }

  /// The folder that the running tests were built into.
  static let folder = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).resolvingSymlinksInPath()
    .deletingLastPathComponent()

  /// A module's object files.
  static func objects(of module: String) throws -> [String] {
    let path = folder.appendingPathComponent(module + ".build").path
    let names = FileManager.default.subpaths(atPath: path) ?? []
    let objects = names.filter { $0.hasSuffix(".o") }.sorted().map { path + "/" + $0 }
    if objects.isEmpty { throw Failure.noObjects(module: module, folder: folder.path) }
    return objects
  }

  /// Every module that was built, ours and others'.
  static func modules() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".build") }.map { String($0.dropLast(6)) }.sorted()
  }

  /// Functions that a module defines and the linker sees.
  static func functions(of module: String) throws -> Set<Symbol> {
    let output = try run("nm --defined-only \"$@\"", objects(of: module))
    return Set(
      output.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[1] == "T" || words[1] == "W" else { return nil }
        return Symbol(name: String(words[2]), isWeak: words[1] == "W")
      })
  }

  /// The first instruction of a module that matches a pattern of `grep -E`; nil where none does.
  static func firstInstruction(of module: String, matching pattern: String) throws -> String? {
    let output = try run(
      "objdump --disassemble --no-show-raw-insn --wide \"$@\" >code && { grep -m 1 -E '\(pattern)' code || true; }",
      objects(of: module))
    return output.split(separator: "\n").first.map(String.init)
  }

  private static func run(_ command: String, _ arguments: [String]) throws -> String {
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("code-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let output = scratch.appendingPathComponent("output")
    try Data().write(to: output)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command, "sh"] + arguments
    process.currentDirectoryURL = scratch
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure.failed(command: command, status: process.terminationStatus)
    }
    return try String(contentsOf: output, encoding: .utf8)
  }
}
