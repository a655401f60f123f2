/// Sites that are asked no more, since their updates were suspected too often.
///
/// What decides stands in the records of the rounds before, so that a resumed run leaves out whom the run would have left out.
struct Exclusion {
  /// In order of the names, with in how many rounds each was suspected.
  let suspects: [(site: String, rounds: Int)]

  /// Those of `sites` that were suspected in `limit` rounds or more, and in half or more of the rounds that they were in: an honest
  /// site stands out now and then, and a long run has many rounds. While `needed` others are left: the most suspected first, of equals
  /// the first by name.
  init(_ rounds: [RoundRecord], limit: Int, sites: [String], needed: Int) {
    var (judged, suspected): ([String: Int], [String: Int]) = ([:], [:])
    for verdict in rounds.flatMap(\.verdicts) {
      judged[verdict.site, default: 0] += 1
      if verdict.suspicion != nil { suspected[verdict.site, default: 0] += 1 }
    }
    let found = sites.map { (site: $0, rounds: suspected[$0] ?? 0) }.filter {
      $0.rounds >= limit && 2 * $0.rounds >= judged[$0.site] ?? 0
    }
    suspects =
      found.sorted { ($1.rounds, $0.site) < ($0.rounds, $1.site) }
      .prefix(max(0, sites.count - needed)).sorted { $0.site < $1.site }
  }

  /// Why each is not in a round.
  func absences(round: Int) -> [Absence] {
    suspects.map {
      Absence(
        site: $0.site,
        reason:
          "Site \($0.site), round \(round): it is excluded: its updates were suspected in \($0.rounds) rounds "
          + "(--exclude-after).")
    }
  }
}
