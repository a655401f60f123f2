import Benchmarking
import Foundation
import Foundations

#if canImport(Glibc)
  import Glibc
#endif

extension DiskFacts {
  /// Tries the folder, or the nearest above it that is there, with files that are gone afterwards.
  ///
  /// Throws `FileError.notWritable` where the path leads to a file.
  static func gather(_ path: String) throws -> DiskFacts {
    let folder = Folder.nearest(to: path)
    guard Folder.exists(folder) else {
      throw FileError.notWritable(path: path, reason: "\(folder) is a file, expected a folder")
    }
    var facts = DiskFacts(
      folder: folder,
      fileSystem: fileSystem(of: Folder.place(folder), in: SystemFile.lines("/proc/self/mountinfo")),
      freeBytes: freeBytes(folder), megabytesPerSecond: nil, syncMilliseconds: nil)
    do {
      let waits = try (0..<5).map { _ in try seconds(folder, bytes: 4096) }.sorted()
      facts.syncMilliseconds = 1000 * waits[2]
      facts.megabytesPerSecond = try speed(folder, free: facts.freeBytes)
    } catch FileError.notWritable(_, let reason) {
      facts.failure = reason
    }
    return facts
  }

  private static func seconds(_ folder: String, bytes: Int) throws -> Double {
    let watch = Stopwatch()
    try DurableFile.probe(folder, bytes: bytes, isDurable: true)
    return watch.seconds
  }

  /// Of 32 MB; of 1 MB where more would take too long, or room is scarce.
  private static func speed(_ folder: String, free: Int?) throws -> Double {
    let small = try seconds(folder, bytes: 1_000_000)
    if small > 0.1 || free ?? 0 < 1 << 28 { return 1 / small }
    return try 32 / seconds(folder, bytes: 32_000_000)
  }

  private static func freeBytes(_ folder: String) -> Int? {
    #if canImport(Glibc)
      var status = statvfs()
      guard statvfs(folder, &status) == 0 else { return nil }
      return Int(status.f_bavail) * Int(status.f_frsize)
    #else
      return nil
    #endif
  }

  /// The type of the file system that a path lies on, from lines of `/proc/self/mountinfo` (proc(5)).
  package static func fileSystem(of path: String, in mounts: [Substring]) -> String? {
    var found: (length: Int, type: String)?
    for line in mounts {
      let halves = line.components(separatedBy: " - ")
      let fields = halves[0].split(separator: " ")
      guard halves.count == 2, fields.count > 4, let type = halves[1].split(separator: " ").first else {
        continue
      }
      let point = fields[4].replacing("\\040", with: " ")
      let isAbove = point == "/" || path == point || path.hasPrefix(point + "/")
      // Of two on one place the later hides the other.
      if isAbove && point.count >= found?.length ?? 0 { found = (point.count, String(type)) }
    }
    return found?.type
  }
}
