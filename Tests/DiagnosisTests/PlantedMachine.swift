import Diagnosis

/// A machine with nothing wrong: tests change what they are about.
enum PlantedMachine {
  static let level3: Set<String> = ["avx", "avx2", "fma", "bmi1", "bmi2", "f16c", "abm", "movbe"]
  static let level4: Set<String> = ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]

  static var facts: MachineFacts {
    MachineFacts(
      processor: ProcessorFacts(
        model: "AMD EPYC", flags: level3.union(level4), kernels: ["portable", "avx2", "avx512"],
        chosen: "avx512"),
      cores: CoreFacts(online: 4, usable: 4, quota: nil, load: 0.5, stealPercent: 0),
      blas: BLASFacts(version: "0.3.21", core: "SkylakeX", gigaflops: 120, clockGHz: 2.6),
      memory: MemoryFacts(total: 16_000_000_000, available: 12_000_000_000),
      disk: DiskFacts(
        folder: "/data", fileSystem: "ext4", freeBytes: 100_000_000_000, megabytesPerSecond: 400,
        syncMilliseconds: 2),
      libraries: [LibraryFacts("zlib", "1.2.13")], openFiles: 1024)
  }

  /// The finding of one check on a machine with a change.
  static func finding(_ check: String, _ change: (inout MachineFacts) -> Void) -> MachineFinding? {
    var facts = facts
    change(&facts)
    return MachineChecks.findings(facts).first { $0.check == check }
  }
}
