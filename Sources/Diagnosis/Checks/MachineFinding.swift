/// How well something serves.
package enum Verdict: String, Sendable, Comparable, CaseIterable {
  case fine
  /// segfed works, but slower than it could, or not with everything.
  case slow
  /// segfed does not work like that.
  case broken

  package static func < (first: Verdict, second: Verdict) -> Bool {
    func rank(_ verdict: Verdict) -> Int { allCases.firstIndex(of: verdict) ?? 0 }
    return rank(first) < rank(second)
  }
}

/// What one check says of a machine.
package struct MachineFinding: Sendable, Equatable {
  /// What was looked at, such as `memory`.
  package let check: String
  package let verdict: Verdict
  /// What is there, in a few words.
  package let found: String
  /// Why it is slow or broken, or what is to know of it otherwise.
  package let reason: String?
  /// What to do about it.
  package let advice: String?

  package init(
    _ check: String, _ verdict: Verdict, found: String, reason: String? = nil, advice: String? = nil
  ) {
    self.check = check
    self.verdict = verdict
    self.found = found
    self.reason = reason
    self.advice = advice
  }
}

/// What facts mean. Pure: the same facts give the same findings on every machine.
package enum MachineChecks {
  /// All findings, in the order of the report.
  package static func findings(_ facts: MachineFacts) -> [MachineFinding] {
    [
      processor(facts.processor), kernels(facts.processor), blas(facts.blas, facts.processor),
      cores(facts.cores), load(facts.cores), memory(facts.memory), largePages(facts.memory),
      disk(facts.disk), room(facts.disk), libraries(facts.libraries),
    ] + [openFiles(facts.openFiles), facts.plan.map { plan($0, facts.memory) }].compactMap { $0 }
  }

  /// Two decimals at most, as people write numbers.
  static func number(_ value: Double) -> String {
    let rounded = (value * (value < 10 ? 100 : 10)).rounded() / (value < 10 ? 100 : 10)
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
  }
}
