import Training

/// What a machine is like, as far as segfed's speed depends on it; tests plant their own.
package struct MachineFacts: Sendable, Equatable {
  package var processor: ProcessorFacts
  package var cores: CoreFacts
  package var blas: BLASFacts
  package var memory: MemoryFacts
  package var disk: DiskFacts
  package var libraries: [LibraryFacts]
  /// How many files the process may have open at once; nil where the system does not tell.
  package var openFiles: Int?
  /// Nil unless a plan was asked for.
  package var plan: PlanFacts?

  package init(
    processor: ProcessorFacts, cores: CoreFacts, blas: BLASFacts, memory: MemoryFacts, disk: DiskFacts,
    libraries: [LibraryFacts], openFiles: Int?, plan: PlanFacts? = nil
  ) {
    self.processor = processor
    self.cores = cores
    self.blas = blas
    self.memory = memory
    self.disk = disk
    self.libraries = libraries
    self.openFiles = openFiles
    self.plan = plan
  }
}

/// The CPU, and which kernels it gets.
package struct ProcessorFacts: Sendable, Equatable {
  package var model: String
  /// Features that the system lists (`/proc/cpuinfo`).
  package var flags: Set<String>
  /// Kernel variants that this CPU runs, as it says itself, the widest last.
  package var kernels: [String]
  /// The variant that is computed with.
  package var chosen: String
  /// `SEGFED_KERNELS`, where it is set.
  package var forced: String?
  /// Whether this is a build for x86-64, which alone has several variants.
  package var hasVariants: Bool

  package init(
    model: String, flags: Set<String>, kernels: [String], chosen: String, forced: String? = nil,
    hasVariants: Bool = true
  ) {
    self.model = model
    self.flags = flags
    self.kernels = kernels
    self.chosen = chosen
    self.forced = forced
    self.hasVariants = hasVariants
  }
}

/// The cores, and how much of them there is for the process.
package struct CoreFacts: Sendable, Equatable {
  /// Cores that are switched on.
  package var online: Int?
  /// Cores that the process may be put on.
  package var usable: Int
  /// Cores' worth of time that control groups allow.
  package var quota: Double?
  /// Mean number of processes that compute, over a minute.
  package var load: Double?
  /// Per cent of the cores' time that the host gave to others while facts were gathered.
  package var stealPercent: Double

  package init(online: Int?, usable: Int, quota: Double?, load: Double?, stealPercent: Double) {
    self.online = online
    self.usable = usable
    self.quota = quota
    self.load = load
    self.stealPercent = stealPercent
  }
}

/// OpenBLAS, and how fast it is.
package struct BLASFacts: Sendable, Equatable {
  package var version: String
  /// Its kernel set, such as `Haswell`.
  package var core: String
  /// Whether that is chosen at run time.
  package var choosesAtRunTime: Bool
  /// `OPENBLAS_CORETYPE`, where it is set.
  package var forcedCore: String?
  package var threads: Int
  /// Measured for one thread, in multiply-adds counted twice.
  package var gigaflops: Double
  /// The CPU's clock, as the system tells it.
  package var clockGHz: Double?

  package init(
    version: String, core: String, choosesAtRunTime: Bool = true, forcedCore: String? = nil, threads: Int = 1,
    gigaflops: Double, clockGHz: Double?
  ) {
    self.version = version
    self.core = core
    self.choosesAtRunTime = choosesAtRunTime
    self.forcedCore = forcedCore
    self.threads = threads
    self.gigaflops = gigaflops
    self.clockGHz = clockGHz
  }
}

/// Memory in bytes.
package struct MemoryFacts: Sendable, Equatable {
  package var total: Int?
  package var available: Int?
  /// What control groups allow, where that is less than there is.
  package var limit: Int?
  /// `always`, `madvise` or `never`; nil where the system has no large pages.
  package var largePages: String?

  package init(total: Int?, available: Int?, limit: Int? = nil, largePages: String? = "madvise") {
    self.total = total
    self.available = available
    self.limit = limit
    self.largePages = largePages
  }
}

/// The disk that results will be written to.
package struct DiskFacts: Sendable, Equatable {
  /// The folder that was tried.
  package var folder: String
  /// Such as `ext4` or `nfs4`; nil where the system does not tell.
  package var fileSystem: String?
  package var freeBytes: Int?
  /// Why nothing can be written there; nil where it can.
  package var failure: String?
  /// Of a file that is written and waited for, in MB (10⁶ bytes) a second.
  package var megabytesPerSecond: Double?
  /// What it takes until the disk has a small file.
  package var syncMilliseconds: Double?

  package init(
    folder: String, fileSystem: String?, freeBytes: Int?, failure: String? = nil, megabytesPerSecond: Double?,
    syncMilliseconds: Double?
  ) {
    self.folder = folder
    self.fileSystem = fileSystem
    self.freeBytes = freeBytes
    self.failure = failure
    self.megabytesPerSecond = megabytesPerSecond
    self.syncMilliseconds = syncMilliseconds
  }
}

/// A library that segfed calls.
package struct LibraryFacts: Sendable, Equatable {
  package var name: String
  package var version: String

  package init(_ name: String, _ version: String) {
    self.name = name
    self.version = version
  }
}

/// What a plan's networks take of memory.
package struct PlanFacts: Sendable, Equatable {
  package var name: String
  package var demand: MemoryDemand

  package init(name: String, demand: MemoryDemand) {
    self.name = name
    self.demand = demand
  }
}
