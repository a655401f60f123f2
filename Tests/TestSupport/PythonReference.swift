import Foundation

/// Runs scripts of `Tests/Python` with the interpreter in `SEGFED_PYTHON`: outside references for tests.
package enum PythonReference {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// The interpreter's path; nil where no reference is at hand.
  package static var interpreter: String? {
    let path = ProcessInfo.processInfo.environment["SEGFED_PYTHON"] ?? ""
    return path.isEmpty ? nil : path
  }

  /// Runs a script of `Tests/Python` by its file name and returns its standard output.
  ///
  /// Throws if there is no interpreter or the script ends with another code than 0.
  package static func run(script: String, arguments: [String] = [], input: Data? = nil) throws -> Data {
    guard let interpreter else {
      throw Failure(description: "SEGFED_PYTHON is not set: no reference for \(script)")
    }
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: interpreter)
    process.arguments = [folder.appendingPathComponent("Python/\(script)").path] + arguments
    let output = Pipe()
    process.standardOutput = output
    let temporary = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try (input ?? Data()).write(to: temporary)
    defer { try? FileManager.default.removeItem(at: temporary) }
    process.standardInput = try FileHandle(forReadingFrom: temporary)
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(script) ended with code \(process.terminationStatus)")
    }
    return data
  }
}
