import Foundation

/// How much of the machine's cores the process may take.
package enum MachineCores {
  /// Cores that the process may be put on: its affinity (taskset, cpuset), which Foundation does not look at.
  ///
  /// `root` stands before `/proc` and `/sys`, for tests.
  package static func usable(root: String = "") -> Int {
    let name = "Cpus_allowed_list:"
    let line = SystemFile.lines(root + "/proc/self/status").first { $0.hasPrefix(name) }
    return line.flatMap { count($0.dropFirst(name.count)) } ?? ProcessInfo.processInfo.activeProcessorCount
  }

  /// Cores that the machine has switched on; nil where the system does not tell.
  package static func online(root: String = "") -> Int? {
    SystemFile.lines(root + "/sys/devices/system/cpu/online").first.flatMap(count)
  }

  /// How many a list such as `0-3,8` has; nil where it is none.
  private static func count(_ list: Substring) -> Int? {
    let words = list.split { $0 == "," || $0.isWhitespace }
    let counts = words.map { range -> Int? in
      let ends = range.split(separator: "-").map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, last >= first else { return nil }
      return last - first + 1
    }
    return counts.isEmpty || counts.contains(nil) ? nil : counts.compactMap { $0 }.reduce(0, +)
  }

  /// Cores' worth of time that the process' control groups allow, such as 0.5; nil where they set no limit.
  package static func quota(root: String = "") -> Double? {
    ControlGroups.folders(of: "cpu", root: root).compactMap { path, version -> Double? in
      switch version {
      case .two:
        let words = SystemFile.lines(path + "/cpu.max").first?.split(separator: " ") ?? []
        return words.count == 2 ? share(Int(words[0]), of: Int(words[1])) : nil
      case .one:
        return share(
          SystemFile.number(path + "/cpu.cfs_quota_us"), of: SystemFile.number(path + "/cpu.cfs_period_us"))
      }
    }.min()
  }

  /// Processes that have computed or waited for the disk on average over the last minute, this one among them.
  package static func load(root: String = "") -> Double? {
    SystemFile.lines(root + "/proc/loadavg").first.flatMap { $0.split(separator: " ").first }
      .flatMap { Double($0) }
  }

  /// A quota below 0 is none.
  private static func share(_ quota: Int?, of period: Int?) -> Double? {
    guard let quota, let period, quota > 0, period > 0 else { return nil }
    return Double(quota) / Double(period)
  }
}
