/// What there is to say of sites that did not do as the others: left out of rounds, suspected, excluded, not tested.
package struct SiteNotices: Sendable, Equatable {
  package struct Notice: Sendable, Equatable {
    package let site: String
    /// From 1, in order.
    package let rounds: [Int]
    /// The first round's.
    package let reason: String

    package init(site: String, rounds: [Int], reason: String) {
      (self.site, self.rounds, self.reason) = (site, rounds, reason)
    }
  }

  /// By name.
  package let leftOut: [Notice]
  package let suspected: [Notice]
  /// Asked no more, in the rounds without them.
  package let excluded: [Notice]
  /// Their rounds are empty.
  package let untested: [Notice]
  /// Of the run.
  package let rounds: Int

  package static let none = SiteNotices(leftOut: [], suspected: [], excluded: [], untested: [], rounds: 0)

  package init(
    leftOut: [Notice], suspected: [Notice], excluded: [Notice], untested: [Notice], rounds: Int
  ) {
    (self.leftOut, self.suspected, self.excluded) = (leftOut, suspected, excluded)
    (self.untested, self.rounds) = (untested, rounds)
  }

  /// Sentences for people, one a line; nil where there is nothing to say.
  package var text: String? {
    let lines =
      leftOut.map { "\($0.site) was left out of \($0.rounds.count) of \(rounds) rounds, first: \($0.reason)" }
      + suspected.map {
        "\($0.site)'s update was suspicious in \($0.rounds.count) of \(rounds) rounds, first: \($0.reason)."
      } + excluded.map { "\($0.site) was excluded from round \($0.rounds.first ?? 0) on: \($0.reason)" }
      + untested.map { "\($0.site) was not tested: \($0.reason)" }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  /// `left_out`, `suspected`, `excluded` and `not_tested`, each by site.
  var members: [(String, JSONValue)] {
    func object(_ notices: [Notice]) -> JSONValue {
      .object(
        notices.map { notice in
          (
            notice.site,
            .object([
              ("rounds", .array(notice.rounds.map { .integer($0) })), ("reason", .string(notice.reason)),
            ])
          )
        })
    }
    return [
      ("left_out", object(leftOut)), ("suspected", object(suspected)), ("excluded", object(excluded)),
      ("not_tested", object(untested)),
    ]
  }
}
