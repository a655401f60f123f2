import Foundation

/// How much memory the process may still take.
package enum MachineMemory {
  /// Bytes: what the kernel has available, or the room below the process' control groups' limits if that is less.
  ///
  /// Nil where the system does not tell. `root` stands before `/proc` and `/sys`, for tests.
  package static func available(root: String = "") -> Int? {
    ([kernel(root)] + groups(root)).compactMap { $0 }.min()
  }

  /// `MemAvailable` of /proc/meminfo: free, and what can be reclaimed.
  private static func kernel(_ root: String) -> Int? {
    let line = lines(root + "/proc/meminfo").first { $0.hasPrefix("MemAvailable:") }
    return line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }.map { $0 * 1024 }
  }

  /// Room below the limit of each control group that the process is in, and of those above.
  private static func groups(_ root: String) -> [Int?] {
    lines(root + "/proc/self/cgroup").flatMap { line -> [Int?] in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return [] }
      if fields[1].isEmpty {
        return folders(root + "/sys/fs/cgroup", below: fields[2]).map {
          room($0, limit: "memory.max", usage: "memory.current", reclaimable: "inactive_file")
        }
      }
      guard fields[1].split(separator: ",").contains("memory") else { return [] }
      return folders(root + "/sys/fs/cgroup/memory", below: fields[2]).map {
        room(
          $0, limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes",
          reclaimable: "total_inactive_file")
      }
    }
  }

  private static func folders(_ top: String, below path: Substring) -> [String] {
    var folders = [top]
    // In a container the path may be the host's: the folders that are not there count for nothing.
    for name in path.split(separator: "/") { folders.append(folders[folders.count - 1] + "/" + name) }
    return folders
  }

  /// Nil where the group has no limit (`max`) or is not there.
  private static func room(_ folder: String, limit: String, usage: String, reclaimable: String) -> Int? {
    guard let limit = number(folder + "/" + limit), let usage = number(folder + "/" + usage) else {
      return nil
    }
    let line = lines(folder + "/memory.stat").first { $0.hasPrefix(reclaimable + " ") }
    let cache = line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
    return max(0, limit - max(0, usage - cache))
  }

  private static func number(_ path: String) -> Int? { lines(path).first.flatMap { Int($0) } }

  private static func lines(_ path: String) -> [Substring] {
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
  }
}
