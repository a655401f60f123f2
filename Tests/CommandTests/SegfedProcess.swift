import Foundation
import TestSupport
import Testing

/// Runs the `segfed` program as a user would, and keeps all that it said.
struct SegfedProcess {
  struct Outcome {
    /// The exit code; the signal's number with a minus where a signal ended the program.
    let code: Int32
    let output: String
    let errors: String

    /// Lines of standard error.
    var errorLines: [Substring] { errors.split(separator: "\n") }
    /// The one JSON document of standard output.
    func json() throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }
  }

  enum Failure: Error, CustomStringConvertible {
    case notBuilt(near: String)
    case timedOut(arguments: [String], seconds: Double, errors: String)

    var description: String {
      switch self {
      case .notBuilt(let near): "no segfed program beside the tests, near \(near): build it first"
      case .timedOut(let arguments, let seconds, let errors):
        "segfed \(arguments.joined(separator: " ")) did not end within \(seconds) s: \(errors)"
      }
    }
  }

  /// `segfed` as it was built together with the running tests.
  static func program() throws -> URL {
    let tests = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).resolvingSymlinksInPath()
    var folder = tests.deletingLastPathComponent()
    while folder.path != "/" {
      let program = folder.appendingPathComponent("segfed")
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: program.path, isDirectory: &isFolder), !isFolder.boolValue {
        return program
      }
      folder.deleteLastPathComponent()
    }
    throw Failure.notBuilt(near: tests.path)
  }

  private let process = Process()
  private let folder: TemporaryFolder
  private let arguments: [String]

  /// Starts the program with its standard output and error in files, or in `output` where that is given.
  ///
  /// `environment` is added to the tests' own; `emulating` names a CPU for qemu to imitate.
  init(
    _ arguments: [String], output: FileHandle? = nil, environment: [String: String] = [:],
    emulating cpu: String? = nil
  ) throws {
    self.arguments = arguments
    folder = try TemporaryFolder()
    let outputFile = try folder.write(Data(), "output")
    let errorFile = try folder.write(Data(), "errors")
    let program = try Self.program()
    process.executableURL = try cpu == nil ? program : #require(Emulation.program, "install qemu-user")
    process.arguments = (cpu.map { ["-cpu", $0, program.path] } ?? []) + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput =
      try output ?? FileHandle(forWritingTo: URL(fileURLWithPath: outputFile))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorFile))
    try process.run()
  }

  /// What standard error holds so far.
  var errors: String { text("errors") }
  /// What standard output holds so far.
  var output: String { text("output") }
  var isRunning: Bool { process.isRunning }
  var identifier: Int32 { process.processIdentifier }

  /// Asks the program to stop, as Ctrl-C does.
  func interrupt() { Foundation.kill(process.processIdentifier, SIGINT) }

  /// Ends the program at once, as `kill -9` does.
  func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

  /// Waits for the end. Throws `Failure.timedOut` after killing the program.
  func wait(seconds: Double = 60) throws -> Outcome {
    let end = Date().addingTimeInterval(seconds)
    while process.isRunning {
      if Date() > end {
        kill()
        throw Failure.timedOut(arguments: arguments, seconds: seconds, errors: errors)
      }
      usleep(3000)
    }
    process.waitUntilExit()
    let status = process.terminationStatus
    return Outcome(
      code: process.terminationReason == .exit ? status : -status, output: text("output"), errors: errors)
  }

  static func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

  static func run(_ arguments: [String]) throws -> Outcome { try SegfedProcess(arguments).wait() }

  private func text(_ name: String) -> String {
    (try? String(contentsOfFile: folder.file(name), encoding: .utf8)) ?? ""
  }
}
