import Reporting

extension MachineReport {
  /// Findings, and the facts that they come from.
  package func json() -> JSONValue {
    .object([
      ("schema_version", .integer(Self.schemaVersion)), ("version", .string(version)),
      ("verdict", .string(verdict.rawValue)),
      (
        "findings",
        .array(
          findings.map { finding in
            .object([
              ("check", .string(finding.check)), ("verdict", .string(finding.verdict.rawValue)),
              ("found", .string(finding.found)), ("reason", .string(finding.reason)),
              ("advice", .string(finding.advice)),
            ])
          })
      ),
      ("cpu", cpu), ("kernels", kernels), ("cores", cores), ("openblas", openblas), ("memory", memory),
      ("disk", disk), ("libraries", .object(facts.libraries.map { ($0.name, .string($0.version)) })),
      ("open_files", integer(facts.openFiles)), ("plan", plan),
    ])
  }

  private func integer(_ value: Int?) -> JSONValue { value.map { .integer($0) } ?? .null }

  private var cpu: JSONValue {
    .object([
      ("model", .string(facts.processor.model)),
      ("avx2", .bool(facts.processor.flags.contains("avx2"))),
      ("avx512", .bool(facts.processor.flags.contains("avx512f"))),
      ("amx", .bool(facts.processor.flags.contains("amx_tile"))),
      ("clock_ghz", .number(facts.blas.clockGHz)),
    ])
  }

  private var kernels: JSONValue {
    .object([
      ("chosen", .string(facts.processor.chosen)),
      ("available", .array(facts.processor.kernels.map { .string($0) })),
      ("segfed_kernels", .string(facts.processor.forced)),
    ])
  }

  private var cores: JSONValue {
    .object([
      ("online", integer(facts.cores.online)), ("usable", .integer(facts.cores.usable)),
      ("quota", .number(facts.cores.quota)), ("load", .number(facts.cores.load)),
      ("steal_percent", .number(facts.cores.stealPercent)),
    ])
  }

  private var openblas: JSONValue {
    .object([
      ("version", .string(facts.blas.version)), ("core", .string(facts.blas.core)),
      ("chooses_at_run_time", .bool(facts.blas.choosesAtRunTime)),
      ("openblas_coretype", .string(facts.blas.forcedCore)), ("threads", .integer(facts.blas.threads)),
      ("sgemm_gflops", .number(facts.blas.gigaflops)),
    ])
  }

  private var memory: JSONValue {
    .object([
      ("total_bytes", integer(facts.memory.total)), ("available_bytes", integer(facts.memory.available)),
      ("limit_bytes", integer(facts.memory.limit)), ("large_pages", .string(facts.memory.largePages)),
    ])
  }

  private var disk: JSONValue {
    .object([
      ("folder", .string(facts.disk.folder)), ("file_system", .string(facts.disk.fileSystem)),
      ("free_bytes", integer(facts.disk.freeBytes)), ("failure", .string(facts.disk.failure)),
      ("write_mb_per_s", .number(facts.disk.megabytesPerSecond)),
      ("sync_ms", .number(facts.disk.syncMilliseconds)),
    ])
  }

  private var plan: JSONValue {
    guard let plan = facts.plan else { return .null }
    return .object([
      ("name", .string(plan.name)), ("training_bytes", .integer(plan.demand.training)),
      ("least_training_bytes", .integer(plan.demand.least)),
      ("prediction_bytes", .integer(plan.demand.prediction)),
    ])
  }
}
