import Foundation
import Synchronization

/// Tells on standard error how far a piece of work is, with the time left.
///
/// On a terminal one line is rewritten in place; in a pipe or a log a plain line appears at each
/// tenth of the work; with `quiet` nothing does. Standard output stays free for results.
package final class ProgressLine: Sendable {
  private struct State {
    var total: Int
    var done = 0
    var note = ""
    var lastDrawn = -Double.infinity
    var lastTenth = 0
    var finished = false
  }

  private let title: String
  private let isTerminal: Bool
  private let isQuiet: Bool
  private let start: Double
  private let state: Mutex<State>

  /// `total` is the number of units of work (cases, steps), 1 or more.
  package init(_ title: String, total: Int, quiet: Bool = false) {
    self.title = title
    state = Mutex(State(total: max(1, total)))
    isQuiet = quiet
    isTerminal = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    start = ProgressLine.now
  }

  /// Corrects how many units of work there are, where more is known than at the start.
  package func expect(total: Int) {
    state.withLock { $0.total = max(1, total, $0.done) }
  }

  /// Counts `units` as done; `note` is shown behind the bar (a site, a loss).
  package func advance(by units: Int = 1, note: String = "") {
    if isQuiet { return }
    state.withLock { state in
      state.done = min(state.total, state.done + units)
      state.note = note
      draw(&state)
    }
  }

  /// Ends the line. Further calls do nothing.
  package func finish() {
    if isQuiet { return }
    state.withLock { state in
      if state.finished { return }
      state.finished = true
      if isTerminal { write("\r\u{1B}[K") }
    }
  }

  /// Takes the line off a terminal, so that something else can be printed; the next `advance` draws it again.
  package func clear() {
    if isQuiet || !isTerminal { return }
    state.withLock { state in
      write("\r\u{1B}[K")
      state.lastDrawn = -Double.infinity
    }
  }

  private func draw(_ state: inout State) {
    let elapsed = ProgressLine.now - start
    let left = elapsed / Double(max(1, state.done)) * Double(state.total - state.done)
    if isTerminal {
      guard elapsed - state.lastDrawn > 0.1 || state.done == state.total else { return }
      state.lastDrawn = elapsed
      let filled = 24 * state.done / state.total
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
      let text = "\(title) \(bar) \(state.done)/\(state.total) \(ProgressLine.clock(left)) left \(state.note)"
      write("\r\u{1B}[K" + String(text.prefix(ProgressLine.width - 1)))
    } else {
      let tenth = 10 * state.done / state.total
      guard tenth > state.lastTenth else { return }
      state.lastTenth = tenth
      let note = state.note.isEmpty ? "" : ", \(state.note)"
      write("\(title): \(state.done)/\(state.total), \(ProgressLine.clock(left)) left\(note)\n")
    }
  }

  private func write(_ text: String) {
    StandardStream.error.write(text)
  }

  /// Monotonic seconds.
  package static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

  /// Seconds as `42 s`, `3:07 min` or `2:05:00 h`.
  package static func clock(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60):\(two(whole % 60)) min" }
    return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60)) h"
  }

  private static var width: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
  }
}
