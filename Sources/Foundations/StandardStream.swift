import Foundation
import Synchronization

/// The process' standard output and error, written without traps.
///
/// `FileHandle.write` ends the process where a pipe was closed or a disk is full. Here the first failure is
/// kept and the work goes on: a run's folder is worth more than its lines in a pager that was closed.
package enum StandardStream: Int32, Sendable {
  case output = 1
  case error = 2

  private static let failure = Mutex<String?>(nil)

  /// Why standard output took no more, nil while it did; a pipe that its reader closed is no failure.
  package static var outputFailure: String? { failure.withLock { $0 } }

  /// What is to be done around other text that goes to a terminal; nil: nothing.
  ///
  /// Whoever keeps lines at a terminal's bottom takes them away, lets the text be written, and writes them again.
  package typealias Interlude = @Sendable (_ text: () -> Void) -> Void

  private static let interlude = Mutex<Interlude?>(nil)

  package static func around(_ interlude: Interlude?) { Self.interlude.withLock { $0 = interlude } }

  /// Writes all of `text`, or as much as the stream takes.
  package func write(_ text: String) {
    guard let interlude = Self.interlude.withLock({ $0 }), isatty(rawValue) == 1 else {
      return writeAsIs(text)
    }
    interlude { writeAsIs(text) }
  }

  /// The same, whatever stands on the terminal: for the one who keeps it.
  package func writeAsIs(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var offset = 0
      while offset < bytes.count {
        let written = Foundation.write(rawValue, bytes.baseAddress! + offset, bytes.count - offset)
        if written > 0 {
          offset += written
          continue
        }
        let code = errno
        if written < 0 && (code == EINTR || code == EAGAIN) { continue }
        if self == .output && code != EPIPE {
          let reason = String(cString: strerror(code))
          Self.failure.withLock { $0 = $0 ?? reason }
        }
        return
      }
    }
  }

  /// Whether another program reads it, which may write to the same terminal when it pleases (`| tee log`).
  package var isPipe: Bool {
    var status = stat()
    return fstat(rawValue, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  /// Makes a closed pipe an error that `write` sees instead of a signal that ends the process.
  package static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }
}
