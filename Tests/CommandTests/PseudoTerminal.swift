import Foundation
import Synchronization
import TestSupport

/// Runs the `segfed` program in a terminal that the test plays: it reads what is shown, types, and changes the width.
final class PseudoTerminal: Sendable {
  enum Failure: Error {
    case noTerminal
    case timedOut(shown: String)
  }

  /// Debian's util-linux: makes the terminal the one that the program belongs to, so that keys become signals.
  private static let setsid = "/usr/bin/setsid"

  private let master: Int32
  private let process = Process()
  private let bytes = Mutex<[UInt8]>([])
  private let isOver = Atomic<Bool>(false)

  /// `environment` is added to that of a terminal with 256 colours that takes no images.
  init(
    _ arguments: [String], columns: Int, rows: Int = 40, environment: [String: String] = [:]
  ) throws {
    var (outer, inner): (Int32, Int32) = (-1, -1)
    guard openpty(&outer, &inner, nil, nil, nil) == 0 else { throw Failure.noTerminal }
    // Else the program, and others that start meanwhile, would keep the test's end open.
    for end in [outer, inner] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    master = outer
    let terminal = FileHandle(fileDescriptor: inner, closeOnDealloc: true)
    Self.resize(master, columns: columns, rows: rows)
    process.executableURL = URL(fileURLWithPath: Self.setsid)
    process.arguments = ["--ctty", "--wait", try SegfedProcess.program().path] + arguments
    var variables = ProcessInfo.processInfo.environment
    let unset = [
      "NO_COLOR", "COLORTERM", "TERM_PROGRAM", "LC_TERMINAL", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "TMUX",
      "STY", "WEZTERM_PANE",
    ]
    for name in unset { variables[name] = "" }
    variables["TERM"] = "xterm-256color"
    process.environment = variables.merging(environment) { $1 }
    process.standardInput = terminal
    process.standardOutput = terminal
    process.standardError = terminal
    try process.run()
    try terminal.close()
    Thread.detachNewThread { [self] in
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = read(master, &buffer, buffer.count)
        // The terminal is gone with the last process that has it open.
        if count <= 0 { break }
        bytes.withLock { $0 += buffer[..<count] }
      }
      isOver.store(true, ordering: .releasing)
    }
  }

  deinit { close(master) }

  /// For `.enabled(if:)`.
  static var isThere: Bool { FileManager.default.isExecutableFile(atPath: setsid) }

  /// All that was written so far.
  var output: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

  func type(_ text: String) { _ = write(master, Array(text.utf8), text.utf8.count) }

  func resize(columns: Int, rows: Int = 40) { Self.resize(master, columns: columns, rows: rows) }

  private static func resize(_ master: Int32, columns: Int, rows: Int) {
    var size = winsize()
    (size.ws_col, size.ws_row) = (UInt16(columns), UInt16(rows))
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// Waits until what was written holds. Throws `Failure.timedOut`.
  func wait(seconds: Double = 30, until holds: (String) -> Bool) throws {
    let end = Date().addingTimeInterval(seconds)
    while !holds(output) {
      if Date() > end || !process.isRunning && isOver.load(ordering: .acquiring) && !holds(output) {
        abort()
        throw Failure.timedOut(shown: output)
      }
      usleep(3000)
    }
  }

  private func abort() { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// The program's exit code, once all that it wrote is here. Throws `Failure.timedOut`.
  func end(seconds: Double = 60) throws -> Int32 {
    let end = Date().addingTimeInterval(seconds)
    while process.isRunning || !isOver.load(ordering: .acquiring) {
      if Date() > end {
        abort()
        throw Failure.timedOut(shown: output)
      }
      usleep(3000)
    }
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// What a terminal of the given size shows in the end.
  func screen(columns: Int, rows: Int = 40) -> TerminalScreen {
    var screen = TerminalScreen(columns: columns, rows: rows)
    screen.feed(output)
    return screen
  }
}
