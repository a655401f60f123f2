import Foundations

/// Which sites are asked to train in a round.
package enum Participation: Sendable, Equatable, CustomStringConvertible {
  case all
  /// A share of the sites, drawn anew for each round; each as likely as another.
  case fraction(Double)
  /// A share of the sites, those with more training cases more likely (Efraimidis & Spirakis 2006).
  case weighted(Double)

  /// `all`, `fraction:0.5` or `weighted:0.5`; nil for anything else.
  package init?(_ text: String) {
    if text == "all" {
      self = .all
      return
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let share = Double(parts[1]), share > 0 && share <= 1 else { return nil }
    switch parts[0] {
    case "fraction": self = .fraction(share)
    case "weighted": self = .weighted(share)
    default: return nil
    }
  }

  package static let spellings =
    "all, fraction:S or weighted:S with S above 0 and up to 1, such as fraction:0.5"

  package var description: String {
    switch self {
    case .all: "all"
    case .fraction(let share): "fraction:\(share)"
    case .weighted(let share): "weighted:\(share)"
    }
  }

  /// How many of the sites are asked in a round.
  package func count(of sites: Int) -> Int {
    switch self {
    case .all: return sites
    case .fraction(let share), .weighted(let share):
      // 0.07 · 100 is a little more than 7.
      return max(1, Int((share * Double(sites) - 1e-9).rounded(.up)))
    }
  }

  /// The sites of a round, in order of their names; `cases` are those that each trains on.
  package func sites(of names: [String], cases: [String: Int], round: Int, seed: UInt64) -> [String] {
    if self == .all { return names }
    let count = count(of: names.count)
    let keys = names.map { name -> Double in
      var stream = RandomStream(seed: seed, purpose: .participation, site: name, round: round)
      // The largest of -log(u)/weight are left out; 1 - u is never 0.
      let draw = -PortableMath.log(1 - stream.uniform())
      if case .weighted = self { return draw / Double(max(1, cases[name] ?? 1)) }
      return draw
    }
    let chosen = names.indices.sorted { (keys[$0], names[$0]) < (keys[$1], names[$1]) }.prefix(count)
    return chosen.sorted().map { names[$0] }
  }
}

/// A site whose update is not in a round, and why.
package struct Absence: Sendable, Equatable, Codable {
  package let site: String
  /// One line; names no case.
  package let reason: String
  /// Whether it is asked no more (`FederationSettings.excludeAfter`); nil: it is asked again.
  package let isExclusion: Bool?

  package init(site: String, reason: String, isExclusion: Bool? = nil) {
    self.site = site
    self.reason = reason
    self.isExclusion = isExclusion
  }

  private enum CodingKeys: String, CodingKey {
    case site, reason
    case isExclusion = "excluded"
  }
}

/// What of a journal decides how the weights of its rounds follow: how many there are, and who is in each.
package struct Replay: Sendable, Equatable {
  package let rounds: Int
  let attendance: [Int: Attendance]
  /// SHA-256 of each round's model; empty where the journal does not tell.
  package let modelDigests: [String]
}

/// Who is in a round: journalled before its updates are made into a model, and held to when a run is resumed.
struct Attendance: Sendable, Equatable {
  /// In order of the names.
  var taken: [String]
  var leftOut: [Absence]
}
