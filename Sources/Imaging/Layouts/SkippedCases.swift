import Foundations
import Synchronization

/// A case that failed a check and was left out; it stays at its site.
package struct SkippedCase: Sendable, Equatable {
  package let site: String
  package let name: String
  /// The error's message, which names the file.
  package let reason: String
}

/// What becomes of cases that fail a check: the first ends the work, or each is noted and left out (`--skip-bad-cases`).
package final class SkippedCases: Sendable {
  let isAllowed: Bool
  private let found = Mutex<[SkippedCase]>([])

  package init(allowed: Bool) { isAllowed = allowed }

  /// Nothing is left out.
  package static var none: SkippedCases { SkippedCases(allowed: false) }

  /// Runs `body` for a case; nil where it threw a described error and cases may be left out.
  package func attempt<Value>(site: String, name: String, _ body: () throws -> Value) throws -> Value? {
    do {
      return try body()
    } catch let error as any DescribedError where isAllowed && !(error is StoppedByUser) {
      add(site: site, name: name, reason: error.description)
      return nil
    }
  }

  private func add(site: String, name: String, reason: String) {
    found.withLock { found in
      if found.contains(where: { $0.site == site && $0.name == name }) { return }
      found.append(SkippedCase(site: site, name: name, reason: reason))
    }
  }

  /// By site and name.
  package var cases: [SkippedCase] {
    found.withLock { $0.sorted { ($0.site, $0.name) < ($1.site, $1.name) } }
  }
}
