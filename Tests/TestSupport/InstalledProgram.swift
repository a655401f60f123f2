import Foundation
import Testing

/// Other programs that a test calls.
package enum InstalledProgram {
  /// The program's path, if it is installed.
  package static func find(_ name: String) -> URL? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let files = folders.map { URL(fileURLWithPath: String($0)).appendingPathComponent(name) }
    return files.first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// The standard output of a program that is expected to end well, without a word on standard error.
  package static func run(_ name: String, _ arguments: [String], in folder: String? = nil) throws -> String {
    let program: URL = try #require(find(name), "\(name) is not installed")
    let kept = try TemporaryFolder()
    let (output, errors) = (try kept.write(Data(), "output"), try kept.write(Data(), "errors"))
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    try process.run()
    process.waitUntilExit()
    let said = try String(contentsOfFile: errors, encoding: .utf8)
    #expect(process.terminationStatus == 0 && said.isEmpty, "\(name): \(said)")
    return try String(contentsOfFile: output, encoding: .utf8)
  }
}
