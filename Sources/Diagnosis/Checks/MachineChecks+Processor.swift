import Tensor

extension MachineChecks {
  /// The psABI's levels that kernels are compiled for, by the names that Linux gives to features.
  private static let levels = [
    (kernels: "avx2", flags: ["avx", "avx2", "fma", "bmi1", "bmi2", "f16c", "abm", "movbe"]),
    (kernels: "avx512", flags: ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]),
  ]

  /// Features of a level that the system does not list.
  private static func missing(_ kernels: String, _ facts: ProcessorFacts) -> [String] {
    let level = levels.first { $0.kernels == kernels }
    return (level?.flags ?? []).filter { !facts.flags.contains($0) }
  }

  static func processor(_ facts: ProcessorFacts) -> MachineFinding {
    var features = levels.filter { missing($0.kernels, facts).isEmpty }.map(\.kernels)
    let hasAMX = facts.flags.contains("amx_tile")
    if hasAMX { features.append("amx") }
    let listed = features.isEmpty ? (facts.hasVariants ? "no AVX2" : "") : features.joined(separator: ", ")
    return MachineFinding(
      "CPU", .fine, found: listed.isEmpty ? facts.model : "\(facts.model); \(listed)",
      reason: hasAMX
        ? "AMX multiplies bfloat16, and segfed computes in single precision: it is not used." : nil)
  }

  static func kernels(_ facts: ProcessorFacts) -> MachineFinding {
    func finding(_ verdict: Verdict, _ reason: String? = nil, _ advice: String? = nil) -> MachineFinding {
      MachineFinding(
        "kernels", verdict, found: "\(facts.chosen); this CPU runs \(facts.kernels.joined(separator: ", "))",
        reason: reason, advice: advice)
    }
    guard facts.hasVariants else {
      return finding(.fine, "There is one variant for CPUs that are not x86-64.")
    }
    let widest = facts.kernels.last ?? facts.chosen
    if let forced = facts.forced, facts.chosen != widest {
      return finding(
        .slow, "SEGFED_KERNELS=\(forced) in the environment asks for them, and this CPU runs \(widest).",
        "Unset SEGFED_KERNELS.")
    }
    // What the system lists and the CPU does not offer to this program.
    if let hidden = levels.last(where: { missing($0.kernels, facts).isEmpty }),
      !facts.kernels.contains(hidden.kernels)
    {
      return finding(
        .slow,
        "The system lists \(hidden.kernels), but this program is not offered it: it runs in an emulator, or the system "
          + "does not save the wide registers.", "Run segfed on the CPU itself.")
    }
    switch widest {
    case "portable":
      let lacking = missing("avx2", facts).joined(separator: ", ")
      return finding(
        .slow,
        "The CPU lacks \(lacking): without AVX2 and FMA a step takes several times as long.", wider(facts))
    case "avx2":
      return finding(
        .fine,
        "The CPU has no AVX-512 (\(missing("avx512", facts).joined(separator: ", "))), with which a step takes about two "
          + "thirds of the time.")
    default: return finding(.fine)
    }
  }

  private static func wider(_ facts: ProcessorFacts) -> String {
    facts.flags.contains("hypervisor")
      ? "Give the virtual machine the host's CPU type (host-passthrough), if that has AVX2."
      : "Use a CPU with AVX2: Intel since Haswell (2013), AMD since Excavator (2015)."
  }

  static func blas(_ facts: BLASFacts, _ processor: ProcessorFacts) -> MachineFinding {
    let speed = number(facts.gigaflops)
    func finding(_ verdict: Verdict, _ reason: String? = nil, _ advice: String? = nil) -> MachineFinding {
      let threads = facts.threads == 1 ? "" : ", \(facts.threads) threads"
      let forced = facts.forcedCore == nil ? "" : " (OPENBLAS_CORETYPE)"
      return MachineFinding(
        "OpenBLAS", verdict,
        found: "\(facts.version), \(facts.core)\(forced)\(threads), sgemm \(speed) GFLOP/s a core",
        reason: reason, advice: advice)
    }
    let isWide = processor.kernels.last == "avx2" || processor.kernels.last == "avx512"
    let fitting = processor.kernels.last == "avx512" ? "SkylakeX" : "Haswell"
    if isWide && !BLAS.isWide(core: facts.core) {
      if let forced = facts.forcedCore {
        return finding(
          .slow, "OPENBLAS_CORETYPE=\(forced) makes it compute without AVX2.", "Unset OPENBLAS_CORETYPE.")
      }
      return facts.choosesAtRunTime
        ? finding(
          .slow, "It does not know this CPU, and computes without AVX2.",
          "Set OPENBLAS_CORETYPE=\(fitting) in the environment, or install a newer OpenBLAS.")
        : finding(
          .slow, "It was built for a \(facts.core), and computes without AVX2.",
          "Install an OpenBLAS that chooses at run time (DYNAMIC_ARCH, as Debian's libopenblas0-pthread).")
    }
    let told = facts.forcedCore.map {
      "OPENBLAS_CORETYPE=\($0) is set; segfed does so itself where OpenBLAS does not know the CPU."
    }
    guard let clock = facts.clockGHz, clock > 0 else { return finding(.fine, told) }
    // Two fused multiply-adds of eight numbers a cycle with AVX2, one of sixteen with the least of AVX-512; without, a
    // multiplication and an addition of four.
    let expected = clock * (isWide ? 32 : 8)
    guard facts.gigaflops < expected / 2 else { return finding(.fine, told) }
    return finding(
      .slow,
      "At \(number(clock)) GHz a core should come to \(number(expected)) GFLOP/s or more: less than half of that is an "
        + "emulator, a core shared with others, or a clock that is held down.",
      "Look at the load, the host's other machines and the CPU's power settings.")
  }
}
