import Benchmarking
import Foundation
import Foundations
import GRDB
import Imaging
import Tensor
import Training

extension MachineFacts {
  /// What is asked for.
  package struct Request: Sendable {
    /// Where results will be written; it need not be there yet.
    package var folder: String
    /// A plan's file, or a built-in plan's name.
    package var plan: String?
    package var threads: Int

    package init(folder: String, plan: String?, threads: Int) {
      self.folder = folder
      self.plan = plan
      self.threads = threads
    }
  }

  /// Looks at this machine, in a second or two; leaves no file behind.
  ///
  /// Throws `FileError`, `PlanError` or `NetworkError` for a plan that cannot be, and `FileError.notWritable` for an
  /// output that is a file.
  package static func gather(_ request: Request) throws -> MachineFacts {
    let ticks = ProcessorTicks()
    let plan = try request.plan.map { try PlanFacts.gather($0, threads: request.threads) }
    let disk = try DiskFacts.gather(request.folder)
    let blas = BLASFacts.gather()
    return MachineFacts(
      processor: .gather(), cores: .gather(since: ticks), blas: blas, memory: .gather(), disk: disk,
      libraries: LibraryFacts.gather(), openFiles: openFileLimit(), plan: plan)
  }

  private static func openFileLimit() -> Int? {
    let name = "Max open files"
    guard let line = SystemFile.lines("/proc/self/limits").first(where: { $0.hasPrefix(name) }) else {
      return nil
    }
    return line.dropFirst(name.count).split(separator: " ").first.flatMap { Int($0) }
  }
}

extension ProcessorFacts {
  static func gather() -> ProcessorFacts {
    let machine = MachineDescription.current
    #if arch(x86_64)
      let hasVariants = true
    #else
      let hasVariants = false
    #endif
    return ProcessorFacts(
      model: machine.cpu, flags: machine.flags, kernels: KernelChoice.available.map { $0.name },
      chosen: KernelChoice.current.name, forced: ProcessInfo.processInfo.environment["SEGFED_KERNELS"],
      hasVariants: hasVariants)
  }
}

extension CoreFacts {
  static func gather(since ticks: ProcessorTicks) -> CoreFacts {
    CoreFacts(
      online: MachineCores.online(), usable: MachineCores.usable(), quota: MachineCores.quota(),
      load: MachineCores.load(), stealPercent: ProcessorTicks().stealPercent(since: ticks))
  }
}

extension BLASFacts {
  static func gather() -> BLASFacts {
    BLASFacts(
      version: BLAS.version, core: BLAS.core, choosesAtRunTime: BLAS.choosesAtRunTime,
      forcedCore: ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"], threads: BLAS.threads,
      gigaflops: MachinePeak.measureOneThread(), clockGHz: MachineDescription.current.clockGHz)
  }
}

extension MemoryFacts {
  static func gather() -> MemoryFacts {
    let setting = SystemFile.lines("/sys/kernel/mm/transparent_hugepage/enabled").first
    // The one in brackets holds, as in: always [madvise] never.
    let word = setting?.split(separator: " ").first { $0.hasPrefix("[") }.map { $0.dropFirst().dropLast() }
    return MemoryFacts(
      total: MachineMemory.total(), available: MachineMemory.available(), limit: MachineMemory.limit(),
      largePages: word.map(String.init))
  }
}

extension LibraryFacts {
  static func gather() -> [LibraryFacts] {
    let sqlite = try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }
    return [LibraryFacts("libnifti", loadedVersion(of: "libnifti2.so") ?? "unknown")]
      + ImagingLibraries.versions.map { LibraryFacts($0.name, $0.version) }
      + [LibraryFacts("SQLite", sqlite ?? "unknown")]
  }

  /// What stands behind a library's name in the file that is loaded, such as 2.1.0; libnifti tells it in no other way.
  private static func loadedVersion(of name: String) -> String? {
    let line = SystemFile.lines("/proc/self/maps").first { $0.contains("/" + name + ".") }
    return line.flatMap { $0.components(separatedBy: "/" + name + ".").last }
  }
}

extension PlanFacts {
  /// Throws `FileError`, `PlanError` or `NetworkError`.
  static func gather(_ path: String, threads: Int) throws -> PlanFacts {
    let plan = try BenchmarkNetwork.resolved(plan: path)
    let pool = NetworkPool(
      plan.architecture, loop: ParallelLoop(threads: threads),
      options: plan.networkOptions(memoryCeiling: nil))
    return PlanFacts(name: plan.name, demand: try pool.demand(plan))
  }
}
