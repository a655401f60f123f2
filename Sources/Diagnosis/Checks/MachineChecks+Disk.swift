import Foundations

extension MachineChecks {
  /// File systems that lie behind a network.
  private static let remote: Set<String> = [
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.glusterfs", "lustre",
    "gpfs",
    "beegfs", "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "davfs", "virtiofs",
  ]

  static func disk(_ facts: DiskFacts) -> MachineFinding {
    let type = facts.fileSystem ?? "unknown file system"
    if let failure = facts.failure {
      return MachineFinding(
        "disk", .broken, found: "\(facts.folder), \(type)",
        reason: "Nothing can be written there (\(failure)).",
        advice: "See to its permissions and its room, or choose another folder with --output.")
    }
    var found = type
    if let speed = facts.megabytesPerSecond { found += ", writes \(number(speed)) MB/s" }
    if let wait = facts.syncMilliseconds { found += ", \(number(wait)) ms until a file is safe" }
    let isSlow = facts.megabytesPerSecond ?? .infinity < 30 || facts.syncMilliseconds ?? 0 > 100
    if remote.contains(type) {
      return MachineFinding(
        "disk", .slow, found: found,
        reason:
          "\(facts.folder) is a network disk: scans are read through it, and each round waits until it has the "
          + "checkpoints.", advice: "Keep the run (--output) and harmonised cases (--cache) on a local disk.")
    }
    if isSlow {
      return MachineFinding(
        "disk", .slow, found: found,
        reason: "Each round waits until the disk has its checkpoints, and the journal's lines.",
        advice: "Keep the run (--output) on a faster disk.")
    }
    if type == "tmpfs" || type == "ramfs" {
      return MachineFinding(
        "disk", .fine, found: found,
        reason:
          "\(facts.folder) lies in memory: what is written there is lost with the machine, and takes memory.")
    }
    return MachineFinding("disk", .fine, found: found)
  }

  static func room(_ facts: DiskFacts) -> MachineFinding {
    guard let free = facts.freeBytes else { return MachineFinding("room", .fine, found: "unknown") }
    let found = "\(ByteCount.text(free)) free in \(facts.folder)"
    if free >= 2_000_000_000 { return MachineFinding("room", .fine, found: found) }
    return MachineFinding(
      "room", free < 50_000_000 ? .broken : .slow, found: found,
      reason:
        "A run keeps models, checkpoints and updates; harmonised cases (--cache) take some ten MB each.",
      advice: "Make room, or choose another folder with --output.")
  }

  static func libraries(_ facts: [LibraryFacts]) -> MachineFinding {
    MachineFinding(
      "libraries", .fine, found: facts.map { "\($0.name) \($0.version)" }.joined(separator: ", "))
  }
}
