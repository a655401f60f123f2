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

  /// Writes all of `text`, or as much as the stream takes.
  package func write(_ text: String) {
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

  /// Makes a closed pipe an error that `write` sees instead of a signal that ends the process.
  package static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }
}
