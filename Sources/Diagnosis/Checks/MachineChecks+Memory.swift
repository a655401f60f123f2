import Foundations

extension MachineChecks {
  static func memory(_ facts: MemoryFacts) -> MachineFinding {
    guard let available = facts.available else {
      return MachineFinding(
        "memory", .fine, found: "unknown",
        reason: "The system does not tell what is free: networks are not checked before they begin.")
    }
    var found = "\(ByteCount.text(available)) available"
    if let total = facts.total { found += " of \(ByteCount.text(total))" }
    if let limit = facts.limit { found += ", limit \(ByteCount.text(limit))" }
    guard available < 1_000_000_000 else { return MachineFinding("memory", .fine, found: found) }
    let isLimited = facts.limit.map { $0 < 2_000_000_000 } ?? false
    return MachineFinding(
      "memory", available < 200_000_000 ? .broken : .slow, found: found,
      reason: "The default plans take some hundred MB in training, with cases beside: see --plan unet3d."
        + (isLimited ? " A control group sets the limit." : ""),
      advice: isLimited
        ? "Raise the limit (docker run --memory, MemoryMax, memory.max), or train with --memory and --cache."
        : "End other programs, or train with --memory and --cache.")
  }

  static func largePages(_ facts: MemoryFacts) -> MachineFinding {
    let found = facts.largePages ?? "none"
    guard facts.largePages == "never" else { return MachineFinding("large pages", .fine, found: found) }
    return MachineFinding(
      "large pages", .slow, found: found,
      reason: "Fresh memory comes in pages of 4 KiB, which cost more than what is written to them.",
      advice: "As root: echo madvise > /sys/kernel/mm/transparent_hugepage/enabled.")
  }

  static func plan(_ facts: PlanFacts, _ memory: MemoryFacts) -> MachineFinding {
    let (training, beside) = (facts.demand.training, facts.demand.prediction)
    let found =
      "\(facts.name): training \(ByteCount.text(training)), prediction \(ByteCount.text(beside))"
    guard let available = memory.available else {
      return MachineFinding("plan", .fine, found: found, reason: "The system does not tell what is free.")
    }
    if training + beside <= available { return MachineFinding("plan", .fine, found: found) }
    let reason =
      "Both at once need \(ByteCount.text(training + beside)), and \(ByteCount.text(available)) are available."
    guard facts.demand.least + beside <= available else {
      return MachineFinding(
        "plan", .broken, found: found, reason: reason,
        advice:
          "Free memory, or take a smaller patch, batch or network: segfed plan --memory makes one that fits.")
    }
    let ceiling = ByteCount.text(available - beside, rounding: .down, spaced: false)
    return MachineFinding(
      "plan", .slow, found: found, reason: reason,
      advice:
        "Train with --memory \(ceiling): layers are computed twice instead of kept, with the same results.")
  }
}
