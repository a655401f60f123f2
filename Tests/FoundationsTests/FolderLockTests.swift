import Foundations
import TestSupport
import Testing

@Suite struct FolderLockTests {
  @Test func aLockIsSeenByThoseWhoAsk() throws {
    let folder = try TemporaryFolder()
    #expect(!FolderLock.isHeld(folder.path) && !FolderLock.isHeld(folder.file("missing")))
    do {
      let (lock, isTaken) = FolderLock.take(folder.path)
      #expect(lock != nil && !isTaken)
      #expect(FolderLock.isHeld(folder.path) && FolderLock.isHeld(folder.path))
      #expect(FolderLock.take(folder.path).isTaken)
      withExtendedLifetime(lock) {}
    }
    #expect(!FolderLock.isHeld(folder.path))
  }

  /// Whoever asks all the time keeps nobody out.
  @Test func askingKeepsNobodyOut() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    let asking = Task.detached {
      while !Task.isCancelled { _ = FolderLock.isHeld(path) }
    }
    for _ in 0..<200 {
      let (lock, isTaken) = FolderLock.take(path)
      #expect(lock != nil && !isTaken)
      withExtendedLifetime(lock) {}
    }
    asking.cancel()
    _ = await asking.value
  }
}
