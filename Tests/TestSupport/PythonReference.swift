import Foundation
import Testing

/// Runs the reference programs of `Tests/Python` (nibabel, SciPy, Pillow, safetensors) that results are
/// compared with.
package enum PythonReference {
  /// The Python that has the reference packages: `SEGFED_PYTHON`, nil where it is not set.
  package static var interpreter: String? { ProcessInfo.processInfo.environment["SEGFED_PYTHON"] }

  /// A Python with nnU-Net, which `make test-long` has: `SEGFED_NNUNET_PYTHON`.
  package static var nnunetInterpreter: String? {
    ProcessInfo.processInfo.environment["SEGFED_NNUNET_PYTHON"]
  }

  /// A Python with Flower, which `make test-long` has: `SEGFED_FLOWER_PYTHON`.
  package static var flowerInterpreter: String? {
    ProcessInfo.processInfo.environment["SEGFED_FLOWER_PYTHON"]
  }

  /// For `.enabled(if:)`: false only on a developer's machine without references; in CI the test runs, and
  /// fails.
  package static var isWanted: Bool {
    interpreter != nil || ProcessInfo.processInfo.environment["CI"] != nil
  }

  /// What `.enabled(if:)` says of a skipped test.
  package static let skipMessage: Comment =
    "set SEGFED_PYTHON to a Python with what Tests/Python/requirements.txt lists"

  package enum Failure: Error, CustomStringConvertible {
    case noInterpreter
    case failed(script: String, status: Int32, errors: String)

    package var description: String {
      switch self {
      case .noInterpreter: "SEGFED_PYTHON is not set: references cannot be computed"
      case .failed(let script, let status, let errors): "\(script) ended with \(status): \(errors)"
      }
    }
  }

  /// The folder with the scripts.
  package static var scripts: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Python")
  }

  /// Runs `Tests/Python/<script>` and returns its standard output; `interpreter` nil: that with the reference packages.
  ///
  /// Throws `Failure` without an interpreter or when the script fails.
  package static func run(
    script: String, arguments: [String] = [], input: Data? = nil, interpreter: String? = nil
  ) throws -> Data {
    guard let interpreter = interpreter ?? self.interpreter else { throw Failure.noInterpreter }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("python-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files, not pipes: nothing to drain while the script runs.
    let inputFile = folder.appendingPathComponent("input")
    let outputFile = folder.appendingPathComponent("output")
    let errorFile = folder.appendingPathComponent("errors")
    try (input ?? Data()).write(to: inputFile)
    try Data().write(to: outputFile)
    try Data().write(to: errorFile)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: interpreter)
    process.arguments = [scripts.appendingPathComponent(script).path] + arguments
    process.standardInput = try FileHandle(forReadingFrom: inputFile)
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    process.standardError = try FileHandle(forWritingTo: errorFile)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let errors = try String(decoding: Data(contentsOf: errorFile), as: UTF8.self)
      throw Failure.failed(script: script, status: process.terminationStatus, errors: errors)
    }
    return try Data(contentsOf: outputFile)
  }
}
