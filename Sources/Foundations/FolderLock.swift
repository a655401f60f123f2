import Foundation

/// Keeps other processes out of a folder while it lives; however a process ends, its locks go.
package final class FolderLock: Sendable {
  private let descriptor: Int32

  /// nil where the folder is not there or its file system knows no locks; `isTaken` tells of another's lock.
  package static func take(_ path: String) -> (lock: FolderLock?, isTaken: Bool) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return (nil, false) }
    let lock = FolderLock(descriptor)
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return (lock, false) }
    return (nil, errno == EWOULDBLOCK)
  }

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }
}
