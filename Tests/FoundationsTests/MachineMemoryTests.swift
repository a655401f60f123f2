import Foundation
import Foundations
import TestSupport
import Testing

/// Small copies of /proc and /sys as the kernel's documentation shows them.
struct MachineMemoryTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try write("proc/meminfo", "MemTotal:       24684092 kB\nMemFree:  1 kB\nMemAvailable:   2000000 kB\n")
  }

  private func write(_ path: String, _ text: String) throws {
    _ = try folder.folder((path as NSString).deletingLastPathComponent)
    _ = try folder.write(Data(text.utf8), path)
  }

  private var available: Int? { MachineMemory.available(root: folder.path) }

  @Test func withoutGroupsTheKernelDecides() {
    #expect(available == 2_048_000_000)
  }

  @Test func aLimitOfVersionTwoCounts() throws {
    try write("proc/self/cgroup", "0::/system.slice/segfed.service\n")
    try write("sys/fs/cgroup/system.slice/segfed.service/memory.max", "max\n")
    try write("sys/fs/cgroup/system.slice/segfed.service/memory.current", "700000000\n")
    #expect(available == 2_048_000_000)
    // The group above limits all in it; its page cache can be reclaimed.
    try write("sys/fs/cgroup/system.slice/memory.max", "1000000000\n")
    try write("sys/fs/cgroup/system.slice/memory.current", "800000000\n")
    try write("sys/fs/cgroup/system.slice/memory.stat", "anon 5\ninactive_file 300000000\nactive_file 9\n")
    #expect(available == 500_000_000)
    try write("sys/fs/cgroup/memory.max", "600000000\n")
    try write("sys/fs/cgroup/memory.current", "900000000\n")
    #expect(available == 0)
  }

  @Test func aLimitOfVersionOneCounts() throws {
    try write("proc/self/cgroup", "5:cpu,cpuacct:/docker/a\n4:memory:/docker/a\n0::/\n")
    // As a container sees it: the host's path is not there, the top is its own.
    try write("sys/fs/cgroup/memory/memory.limit_in_bytes", "1500000000\n")
    try write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1000000000\n")
    try write("sys/fs/cgroup/memory/memory.stat", "inactive_file 7\ntotal_inactive_file 400000000\n")
    #expect(available == 900_000_000)
  }

  @Test func totalAndLimit() throws {
    #expect(MachineMemory.total(root: folder.path) == 24_684_092 * 1024)
    #expect(MachineMemory.limit(root: folder.path) == nil)
    try write("proc/self/cgroup", "4:memory:/a\n")
    // What version one says for no limit.
    try write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    #expect(MachineMemory.limit(root: folder.path) == nil)
    try write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1500000000\n")
    #expect(MachineMemory.limit(root: folder.path) == 1_500_000_000)
  }

  @Test func nothingIsToldWhereNothingIsKnown() throws {
    let empty = try TemporaryFolder()
    #expect(MachineMemory.available(root: empty.path) == nil)
    #expect(MachineMemory.total(root: empty.path) == nil && MachineMemory.limit(root: empty.path) == nil)
  }

  @Test func thisMachineTells() throws {
    guard FileManager.default.fileExists(atPath: "/proc/meminfo") else { return }
    let bytes = try #require(MachineMemory.available())
    #expect(bytes > 0 && bytes <= Int(ProcessInfo.processInfo.physicalMemory))
  }
}
