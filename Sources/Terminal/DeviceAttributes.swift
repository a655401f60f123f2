import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A terminal's answer to the question what it can do (DA1): `ESC [ ? 62 ; 4 ; 22 c`.
package struct DeviceAttributes: Sendable, Equatable {
  /// The numbers behind the first, which is the terminal's class.
  let attributes: [Int]

  /// DEC's number 4.
  package var takesSixels: Bool { attributes.contains(4) }

  /// nil until all of the answer is there. What a user types meanwhile may stand around it.
  package init?(_ bytes: [UInt8]) {
    let begin = [UInt8](("\u{1B}[?").utf8)
    for start in bytes.indices where bytes[start...].starts(with: begin) {
      let rest = bytes[(start + begin.count)...]
      let body = rest.prefix {
        $0 == UInt8(ascii: ";") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
      }
      guard rest.dropFirst(body.count).first == UInt8(ascii: "c") else { continue }
      let numbers = String(decoding: body, as: UTF8.self).split(separator: ";").compactMap { Int($0) }
      attributes = Array(numbers.dropFirst())
      return
    }
    return nil
  }

  private static let question = "\u{1B}[c"

  /// Asks the terminal that the process belongs to; nil where there is none, where the process is in its background, or without
  /// an answer within `seconds`.
  ///
  /// The terminal shows no typed character meanwhile; Ctrl-C works as ever.
  package static func ask(seconds: Double = 0.3) -> DeviceAttributes? {
    let terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard terminal >= 0 else { return nil }
    defer { close(terminal) }
    var earlier = termios()
    // To change a terminal from its background would stop the process.
    guard tcgetpgrp(terminal) == getpgrp(), tcgetattr(terminal, &earlier) == 0 else { return nil }
    var quiet = earlier
    quiet.c_lflag &= ~tcflag_t(ICANON | ECHO)
    guard tcsetattr(terminal, TCSANOW, &quiet) == 0 else { return nil }
    defer { tcsetattr(terminal, TCSANOW, &earlier) }
    let question = [UInt8](question.utf8)
    guard write(terminal, question, question.count) == question.count else { return nil }
    var answer: [UInt8] = []
    let end = DispatchTime.now().uptimeNanoseconds + UInt64(seconds * 1e9)
    while DispatchTime.now().uptimeNanoseconds < end {
      var waiting = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 10) > 0 else { continue }
      var byte: UInt8 = 0
      guard read(terminal, &byte, 1) == 1 else { return nil }
      answer.append(byte)
      if let attributes = DeviceAttributes(answer) { return attributes }
    }
    return nil
  }
}
