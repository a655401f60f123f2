/// How often each site's updates were looked at in a run's rounds, and how often suspected.
package struct Suspicions: Sendable, Equatable {
  /// By site.
  package private(set) var judged: [String: Int] = [:]
  /// Those that never were are missing.
  package private(set) var suspected: [String: Int] = [:]

  package init(_ rounds: [RoundRecord] = []) {
    for round in rounds { add(round) }
  }

  mutating func add(_ round: RoundRecord) {
    for verdict in round.verdicts {
      judged[verdict.site, default: 0] += 1
      if verdict.suspicion != nil { suspected[verdict.site, default: 0] += 1 }
    }
  }

  /// Whether a site was suspected in half or more of the rounds that it was looked at in: an honest one stands out now and then, and a
  /// long run has many rounds.
  package static func isNamed(suspected: Int, judged: Int) -> Bool {
    suspected > 0 && 2 * suspected >= judged
  }
}
