/// How much memory the process may still take.
package enum MachineMemory {
  /// Bytes: what the kernel has available, or the room below the process' control groups' limits if that is less.
  ///
  /// Nil where the system does not tell. `root` stands before `/proc` and `/sys`, for tests.
  package static func available(root: String = "") -> Int? {
    ([kernel(root)] + groups(root).map { $0.room }).compactMap { $0 }.min()
  }

  /// Bytes of the whole machine.
  package static func total(root: String = "") -> Int? {
    SystemFile.number(root + "/proc/meminfo", behind: "MemTotal:").map { $0 * 1024 }
  }

  /// Bytes that the process' control groups allow in all; nil where they allow as much as there is.
  package static func limit(root: String = "") -> Int? {
    // Version one writes a number beyond any machine for no limit.
    groups(root).compactMap { $0.limit }.min().flatMap { $0 < total(root: root) ?? .max ? $0 : nil }
  }

  /// `MemAvailable` of /proc/meminfo: free, and what can be reclaimed.
  private static func kernel(_ root: String) -> Int? {
    SystemFile.number(root + "/proc/meminfo", behind: "MemAvailable:").map { $0 * 1024 }
  }

  /// Each control group that the process is in, and those above.
  private static func groups(_ root: String) -> [Group] {
    ControlGroups.folders(of: "memory", root: root).map { path, version in
      switch version {
      case .two:
        Group(path, limit: "memory.max", usage: "memory.current", reclaimable: "inactive_file")
      case .one:
        Group(
          path, limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes",
          reclaimable: "total_inactive_file")
      }
    }
  }

  /// A group's limit, nil where it has none (`max`) or is not there, and the room below it.
  private struct Group {
    let limit: Int?
    let room: Int?

    init(_ folder: String, limit limitName: String, usage usageName: String, reclaimable: String) {
      limit = SystemFile.number(folder + "/" + limitName)
      guard let limit, let usage = SystemFile.number(folder + "/" + usageName) else {
        room = nil
        return
      }
      let cache = SystemFile.number(folder + "/memory.stat", behind: reclaimable) ?? 0
      room = max(0, limit - max(0, usage - cache))
    }
  }
}
