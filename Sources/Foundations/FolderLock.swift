import Foundation

/// Keeps other processes out of a folder while it lives; however a process ends, its locks go.
package final class FolderLock: Sendable {
  private let descriptor: Int32

  /// nil where the folder is not there or its file system knows no locks; `isTaken` tells of another's lock.
  ///
  /// One who only asks (`isHeld`) is waited for: that takes no time.
  package static func take(_ path: String) -> (lock: FolderLock?, isTaken: Bool) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return (nil, false) }
    let lock = FolderLock(descriptor)
    for attempt in 0..<attempts {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return (lock, false) }
      guard errno == EWOULDBLOCK else { return (nil, false) }
      if attempt + 1 < attempts { usleep(2000) }
    }
    return (nil, true)
  }

  /// Times that a lock is tried, 2 ms apart: an owner keeps it for longer than that, one who asks does not.
  private static let attempts = 60

  /// Whether a process works in a folder; never keeps one from beginning to.
  package static func isHeld(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // Shared: any number may ask at once. It goes with the descriptor.
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }
}
