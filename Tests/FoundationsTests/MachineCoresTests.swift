import Foundation
import Foundations
import TestSupport
import Testing

/// Small copies of /proc and /sys as the kernel's documentation shows them.
struct MachineCoresTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ path: String, _ text: String) throws {
    _ = try folder.folder((path as NSString).deletingLastPathComponent)
    _ = try folder.write(Data(text.utf8), path)
  }

  private var quota: Double? { MachineCores.quota(root: folder.path) }

  @Test func quotasOfVersionTwo() throws {
    try write("proc/self/cgroup", "0::/docker/a\n")
    try write("sys/fs/cgroup/docker/a/cpu.max", "max 100000\n")
    #expect(quota == nil)
    try write("sys/fs/cgroup/docker/a/cpu.max", "150000 100000\n")
    #expect(quota == 1.5)
    // The group above allows less.
    try write("sys/fs/cgroup/docker/cpu.max", "50000 100000\n")
    #expect(quota == 0.5)
  }

  @Test func quotasOfVersionOne() throws {
    try write("proc/self/cgroup", "5:memory:/a\n4:cpu,cpuacct:/a\n0::/\n")
    try write("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1\n")
    try write("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n")
    #expect(quota == nil)
    try write("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "250000\n")
    #expect(quota == 2.5)
  }

  @Test(arguments: [
    ("0-3", 4), ("0", 1), ("0-1,4-7,9", 7), ("", nil), ("none", nil), ("1,", 1), ("3-1", nil),
  ])
  func coresThatAreOnline(text: String, count: Int?) throws {
    try write("sys/devices/system/cpu/online", text + "\n")
    #expect(MachineCores.online(root: folder.path) == count)
  }

  @Test func affinityIsTheProcesses() throws {
    try write("proc/self/status", "Name:\tsegfed\nCpus_allowed:\tb\nCpus_allowed_list:\t0-1,3\n")
    #expect(MachineCores.usable(root: folder.path) == 3)
    #expect(MachineCores.usable() >= 1)
  }

  @Test func loadIsTheLastMinutes() throws {
    try write("proc/loadavg", "1.25 0.80 0.70 2/129 2285\n")
    #expect(MachineCores.load(root: folder.path) == 1.25)
  }

  @Test func nothingIsToldWhereNothingIsKnown() {
    #expect(quota == nil)
    #expect(MachineCores.online(root: folder.path) == nil && MachineCores.load(root: folder.path) == nil)
  }
}
