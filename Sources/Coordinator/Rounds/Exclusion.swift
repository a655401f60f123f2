/// Sites that are asked no more, since their updates were suspected too often.
///
/// It follows from the records of the rounds before, so that a resumed run leaves out whom the run would have left out.
package struct Exclusion {
  /// After how many rounds in which it was suspected a site may be excluded.
  let limit: Int
  /// All that train.
  let sites: [String]
  let participation: Participation
  /// The fewest updates that a round is made of.
  let quorum: Int

  package init(limit: Int, sites: [String], participation: Participation, quorum: Int) {
    (self.limit, self.sites) = (limit, sites)
    (self.participation, self.quorum) = (participation, quorum)
  }

  /// The excluded sites, with in how many rounds each was suspected until then; in order of the names. Who is excluded stays so.
  package func suspects(_ rounds: [RoundRecord]) -> [(site: String, rounds: Int)] {
    var suspects: [(site: String, rounds: Int)] = []
    var (suspicions, absent) = (Suspicions(), Set<String>())
    for round in rounds {
      suspicions.add(round)
      absent.formUnion(round.leftOut.map(\.site))
      absent.subtract(round.sites.map(\.site))
      for candidate in candidates(suspicions) where !suspects.contains(where: { $0.site == candidate.site }) {
        let out = Set(suspects.map(\.site) + [candidate.site])
        if mayGo(out, absent: absent) { suspects.append(candidate) }
      }
    }
    return suspects.sorted { $0.site < $1.site }
  }

  /// The most suspected first, of equals the first by name.
  private func candidates(_ suspicions: Suspicions) -> [(site: String, rounds: Int)] {
    sites.map { (site: $0, rounds: suspicions.suspected[$0] ?? 0) }
      .filter {
        $0.rounds >= limit
          && Suspicions.isNamed(suspected: $0.rounds, judged: suspicions.judged[$0.site] ?? 0)
      }
      .sorted { ($1.rounds, $0.site) < ($0.rounds, $1.site) }
  }

  /// Fewer than half, beyond which nobody can say who stands out; and a round can still be had, also of those that answered last.
  private func mayGo(_ out: Set<String>, absent: Set<String>) -> Bool {
    let left = sites.count - out.count
    let answering = sites.count { !out.contains($0) && !absent.contains($0) }
    return 2 * out.count < sites.count && participation.count(of: left) >= quorum && answering >= quorum
  }

  /// Why each is not in a round.
  func absences(_ rounds: [RoundRecord], round: Int) -> [Absence] {
    suspects(rounds).map { suspect in
      Absence(
        site: suspect.site,
        reason:
          "Site \(suspect.site), round \(round): it is excluded: its updates were suspected in \(suspect.rounds) rounds "
          + "(--exclude-after).", isExclusion: true)
    }
  }
}
