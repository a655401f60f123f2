import Diagnosis
import Testing
import Training

/// Planted facts and what is made of them.
struct MachineChecksTests {
  /// One thing that is wrong with a machine, and what is to be said of it.
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: String
    let verdict: Verdict
    let says: [String]
    let plant: @Sendable (inout MachineFacts) -> Void

    init(
      _ name: String, _ check: String, _ verdict: Verdict, says: [String],
      _ plant: @escaping @Sendable (inout MachineFacts) -> Void
    ) {
      testDescription = name
      self.check = check
      self.verdict = verdict
      self.says = says
      self.plant = plant
    }
  }

  private static func plan(_ training: Int, _ least: Int) -> PlanFacts {
    PlanFacts(
      name: "unet3d", demand: MemoryDemand(training: training, least: least, prediction: 100_000_000))
  }

  static let processors = [
    Fault("no AVX2", "kernels", .slow, says: ["lacks avx2, fma", "Haswell (2013)"]) {
      $0.processor.flags = PlantedMachine.level3.subtracting(["avx2", "fma"])
      $0.processor.kernels = ["portable"]
      $0.processor.chosen = "portable"
    },
    Fault("a virtual machine that hides AVX2", "kernels", .slow, says: ["lacks avx2", "host-passthrough"]) {
      $0.processor.flags = PlantedMachine.level3.subtracting(["avx2"]).union(["hypervisor"])
      $0.processor.kernels = ["portable"]
      $0.processor.chosen = "portable"
    },
    Fault("AVX2 and no more", "kernels", .fine, says: ["no AVX-512 (avx512f", "two thirds"]) {
      $0.processor.flags = PlantedMachine.level3
      $0.processor.kernels = ["portable", "avx2"]
      $0.processor.chosen = "avx2"
    },
    Fault("an emulator", "kernels", .slow, says: ["avx512", "emulator"]) {
      $0.processor.kernels = ["portable", "avx2"]
      $0.processor.chosen = "avx2"
    },
    Fault("SEGFED_KERNELS", "kernels", .slow, says: ["SEGFED_KERNELS=avx2", "runs avx512", "Unset"]) {
      $0.processor.chosen = "avx2"
      $0.processor.forced = "avx2"
    },
    Fault("another architecture", "kernels", .fine, says: ["not x86-64"]) {
      $0.processor.flags = []
      $0.processor.kernels = ["portable"]
      $0.processor.chosen = "portable"
      $0.processor.hasVariants = false
    },
    Fault("AMX", "CPU", .fine, says: ["not used"]) { $0.processor.flags.insert("amx_tile") },
    Fault("OpenBLAS older than the CPU", "OpenBLAS", .slow, says: ["OPENBLAS_CORETYPE=SkylakeX", "newer"]) {
      $0.blas.core = "Prescott"
    },
    Fault("OPENBLAS_CORETYPE", "OpenBLAS", .slow, says: ["OPENBLAS_CORETYPE=Nehalem", "Unset"]) {
      $0.blas.core = "Nehalem"
      $0.blas.forcedCore = "Nehalem"
    },
    Fault("OPENBLAS_CORETYPE that fits", "OpenBLAS", .fine, says: ["SkylakeX (OPENBLAS_CORETYPE)", "itself"])
    {
      $0.blas.forcedCore = "SkylakeX"
    },
    Fault("OpenBLAS for one CPU", "OpenBLAS", .slow, says: ["built for a Core2", "DYNAMIC_ARCH"]) {
      $0.blas.core = "Core2"
      $0.blas.choosesAtRunTime = false
    },
    Fault("a core that others use", "OpenBLAS", .slow, says: ["2.6 GHz", "83.2 GFLOP/s", "shared"]) {
      $0.blas.gigaflops = 20
    },
  ]

  static let surroundings = [
    Fault("half a core", "cores", .slow, says: ["0.5 cores' worth", "starts 4", "--threads 1", "--cpus"]) {
      $0.cores.quota = 0.5
    },
    Fault("three cores of four", "cores", .slow, says: ["--threads 3"]) { $0.cores.quota = 3.2 },
    Fault("a quota beyond the cores", "cores", .fine, says: ["quota 8"]) { $0.cores.quota = 8 },
    Fault("bound to two cores", "cores", .fine, says: ["2 of 4", "taskset"]) { $0.cores.usable = 2 },
    Fault("others compute", "load", .slow, says: ["Other programs", "top"]) { $0.cores.load = 7.3 },
    Fault("stolen time", "load", .slow, says: ["12 %", "other virtual machines"]) {
      $0.cores.stealPercent = 12
    },
    Fault("few open files", "open files", .slow, says: ["ulimit -n"]) { $0.openFiles = 64 },
    Fault("hardly an open file", "open files", .broken, says: ["ulimit -n"]) { $0.openFiles = 16 },
    Fault("little memory", "memory", .slow, says: ["800.00 MB", "--cache"]) {
      $0.memory.available = 800_000_000
    },
    Fault("no memory", "memory", .broken, says: ["100.00 MB", "End other programs"]) {
      $0.memory.available = 100_000_000
    },
    Fault("a limit of 512 MB", "memory", .slow, says: ["limit 512.00 MB", "control group", "--memory"]) {
      $0.memory.available = 400_000_000
      $0.memory.limit = 512_000_000
    },
    Fault("no large pages", "large pages", .slow, says: ["4 KiB", "madvise"]) {
      $0.memory.largePages = "never"
    },
    Fault("a plan that fits recomputed", "plan", .slow, says: ["--memory 11.90GB", "twice"]) {
      $0.plan = plan(13_000_000_000, 9_000_000_000)
    },
    Fault(
      "a plan that does not fit", "plan", .broken, says: ["need 20.10 GB", "12.00 GB are", "segfed plan"]
    ) {
      $0.plan = plan(20_000_000_000, 15_000_000_000)
    },
    Fault("a plan that fits", "plan", .fine, says: ["training 2.00 GB, prediction 100.00 MB"]) {
      $0.plan = plan(2_000_000_000, 1_000_000_000)
    },
    Fault("a network disk", "disk", .slow, says: ["nfs4", "network disk", "local disk"]) {
      $0.disk.fileSystem = "nfs4"
    },
    Fault("a slow disk", "disk", .slow, says: ["250 ms until", "faster disk"]) {
      $0.disk.syncMilliseconds = 250
    },
    Fault("a disk in memory", "disk", .fine, says: ["lies in memory"]) { $0.disk.fileSystem = "tmpfs" },
    Fault("a disk that takes nothing", "disk", .broken, says: ["Read-only file system", "--output"]) {
      $0.disk.failure = "Read-only file system"
    },
    Fault("a full disk", "room", .broken, says: ["1.00 MB free in /data", "Make room"]) {
      $0.disk.freeBytes = 1_000_000
    },
    Fault("little room", "room", .slow, says: ["1.00 GB free"]) { $0.disk.freeBytes = 1_000_000_000 },
  ]

  @Test(arguments: processors + surroundings) func faultsAreFound(_ fault: Fault) throws {
    let finding = try #require(PlantedMachine.finding(fault.check, fault.plant))
    #expect(finding.verdict == fault.verdict, "\(finding)")
    let text = [finding.found, finding.reason, finding.advice].compactMap { $0 }.joined(separator: " ")
    for words in fault.says { #expect(text.contains(words), "\(text)") }
    // What is not fine says why, and what to do.
    if finding.verdict != .fine { #expect(finding.reason != nil && finding.advice != nil) }
  }

  /// A fault is seen where it is, and nowhere else.
  @Test(arguments: processors + surroundings) func othersStayFine(_ fault: Fault) {
    var facts = PlantedMachine.facts
    fault.plant(&facts)
    let others = MachineChecks.findings(facts).filter { $0.check != fault.check }
    #expect(others.allSatisfy { $0.verdict == .fine }, "\(others.filter { $0.verdict != .fine })")
  }

  @Test func aSoundMachineIsFine() {
    let findings = MachineChecks.findings(PlantedMachine.facts)
    #expect(findings.allSatisfy { $0.verdict == .fine && $0.reason == nil }, "\(findings)")
    #expect(Set(findings.map(\.check)).count == findings.count)
  }

  /// What a system does not tell is no fault.
  @Test func whatIsUnknownIsFine() {
    var facts = PlantedMachine.facts
    facts.cores = CoreFacts(online: nil, usable: 2, quota: nil, load: nil, stealPercent: 0)
    facts.memory = MemoryFacts(total: nil, available: nil, largePages: nil)
    facts.disk = DiskFacts(
      folder: "/data", fileSystem: nil, freeBytes: nil, megabytesPerSecond: nil, syncMilliseconds: nil)
    facts.blas.clockGHz = nil
    facts.openFiles = nil
    #expect(MachineChecks.findings(facts).allSatisfy { $0.verdict == .fine })
  }
}
