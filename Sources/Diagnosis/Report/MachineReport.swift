import Reporting

/// What `segfed doctor` says.
package struct MachineReport: Sendable {
  package static let schemaVersion = 1

  /// segfed's own version.
  package let version: String
  package let facts: MachineFacts
  package let findings: [MachineFinding]

  package init(_ facts: MachineFacts, version: String) {
    self.facts = facts
    self.version = version
    findings = MachineChecks.findings(facts)
  }

  /// The worst of all findings.
  package var verdict: Verdict { findings.map(\.verdict).max() ?? .fine }

  /// A table of all findings, below it why those that are not fine are not, and what to do.
  package func text() -> String {
    var table = TextTable(columns: [.text("check"), .text("verdict"), .text("found")])
    for finding in findings { table.add([finding.check, finding.verdict.rawValue, finding.found]) }
    var text = table.rendered()
    for verdict in Verdict.allCases.reversed() {
      for finding in findings where finding.verdict == verdict {
        let words = [finding.reason, finding.advice].compactMap { $0 }
        if !words.isEmpty { text += "\(finding.check): \(words.joined(separator: " "))\n" }
      }
    }
    return text + summary + "\n"
  }

  private var summary: String {
    func checks(_ verdict: Verdict) -> String {
      findings.filter { $0.verdict == verdict }.map(\.check).joined(separator: ", ")
    }
    switch verdict {
    case .fine: return "segfed works here, and nothing slows it down."
    case .slow: return "segfed works here. Slower than need be: \(checks(.slow))."
    case .broken: return "segfed does not work here as it is: \(checks(.broken))."
    }
  }
}
