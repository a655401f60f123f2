import Foundation
import Synchronization

/// A kind of file operation that tests can make fail, to see what a crash or a full disk leaves behind.
///
/// Compiled in always, since what was tested has to be what ships; while nothing is asked for it costs a comparison an operation.
/// `SEGFED_FAIL_POINT=<operation>:<n>[:kill|error|short]` acts at the n-th hit (from 1) of an operation, or of all
/// together with `any`. `SEGFED_FAIL_POINT_LOG=<file>` adds a line to a file for each hit.
package enum FailPoint: String, Sendable, CaseIterable {
  /// A new file's bytes.
  case write
  /// Bytes behind those that a file has.
  case append
  /// The wait until the disk has a file's bytes.
  case sync
  case rename
  /// The wait until the disk has a folder's entries.
  case syncFolder = "sync-folder"
  case truncate
  case remove

  package enum Action: String, Sendable {
    /// The process ends at once (`SIGKILL`); of bytes to be written half are.
    case kill
    /// The call fails as on a full disk, before it did anything.
    case error
    /// Half of the bytes are written, then the call fails as on a full disk.
    case short
  }

  /// What was asked for: acts once.
  private struct Request: Sendable {
    /// nil: any.
    let point: FailPoint?
    let hit: Int
    let action: Action

    init?(_ text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard (2...3).contains(parts.count), let hit = Int(parts[1]), hit >= 1 else { return nil }
      guard parts[0] == "any" || FailPoint(rawValue: parts[0]) != nil else { return nil }
      guard let action = parts.count == 2 ? Action.kill : Action(rawValue: parts[2]) else { return nil }
      self.hit = hit
      self.action = action
      point = FailPoint(rawValue: parts[0])
    }
  }

  private static let request: Request? = {
    guard let text = ProcessInfo.processInfo.environment["SEGFED_FAIL_POINT"] else { return nil }
    guard let request = Request(text) else {
      preconditionFailure("SEGFED_FAIL_POINT is \(text), expected <operation>:<n>[:kill|error|short]")
    }
    return request
  }()

  private static let log: Int32? = ProcessInfo.processInfo.environment["SEGFED_FAIL_POINT_LOG"].map {
    open($0, O_WRONLY | O_CREAT | O_APPEND, 0o644)
  }

  private static let hits = Atomic<Int>(0)

  /// Called before each operation on `path`: what shall happen instead of it, nil for nothing.
  static func reached(_ point: FailPoint, _ path: String) -> Action? {
    if let log { note("\(point.rawValue) \(path)\n", in: log) }
    guard let request, request.point == nil || request.point == point else { return nil }
    return hits.add(1, ordering: .relaxed).newValue == request.hit ? request.action : nil
  }

  /// Ends the process as a crash does: nothing is flushed, no handler runs.
  static func die() -> Never {
    kill(getpid(), SIGKILL)
    while true { pause() }
  }

  private static func note(_ line: String, in descriptor: Int32) {
    var line = line
    line.withUTF8 { _ = Foundation.write(descriptor, $0.baseAddress, $0.count) }
  }
}
