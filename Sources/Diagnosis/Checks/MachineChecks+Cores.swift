extension MachineChecks {
  static func cores(_ facts: CoreFacts) -> MachineFinding {
    let online = facts.online.map { "\($0)" } ?? "unknown"
    var found = "\(facts.usable) usable of \(online)"
    if let quota = facts.quota { found += ", quota \(number(quota))" }
    if let quota = facts.quota, quota < Double(facts.usable) {
      let threads = max(1, Int(quota))
      return MachineFinding(
        "cores", .slow, found: found,
        reason:
          "A control group allows \(number(quota)) cores' worth of time, and segfed starts \(facts.usable) "
          + "threads: they are stopped again and again, and wait for each other.",
        advice: "Give --threads \(threads), or raise the quota (docker run --cpus, CPUQuota, cpu.max).")
    }
    if let online = facts.online, facts.usable < online {
      return MachineFinding(
        "cores", .fine, found: found,
        reason: "The process may be put on \(facts.usable) of \(online) cores alone (taskset, cpuset).")
    }
    return MachineFinding("cores", .fine, found: found)
  }

  /// What others take of the cores.
  static func load(_ facts: CoreFacts) -> MachineFinding {
    let load = facts.load.map(number) ?? "unknown"
    let cores = facts.online ?? facts.usable
    let found = "load \(load) on \(cores) cores, \(number(facts.stealPercent)) % stolen"
    if facts.stealPercent > 5 {
      return MachineFinding(
        "load", .slow, found: found,
        reason:
          "The host gives \(number(facts.stealPercent)) % of the cores' time to other virtual machines.",
        advice: "Move the machine to a host that is less busy.")
    }
    // A load of a core or two is this command's own, and what runs beside it.
    if let load = facts.load, load > 1 + Double(cores) / 2 {
      return MachineFinding(
        "load", .slow, found: found,
        reason: "Other programs computed here in the last minute: steps wait for the slowest thread.",
        advice: "See what runs (top); wait for it, or give --threads fewer than are free.")
    }
    return MachineFinding("load", .fine, found: found)
  }

  static func openFiles(_ limit: Int?) -> MachineFinding? {
    guard let limit else { return nil }
    let found = "\(limit) at once"
    if limit >= 256 { return MachineFinding("open files", .fine, found: found) }
    return MachineFinding(
      "open files", limit < 32 ? .broken : .slow, found: found,
      reason: "A federation of many sites has several files of each open at once.",
      advice: "Raise the limit: ulimit -n 1024.")
  }
}
