import FederationProtocol
import Foundations
import Site

/// An attack on one federation: who is hostile, and what becomes of their data and their connections.
///
/// The coordinator knows nothing of it. For research on robust aggregation: it changes what sites simulated in this process
/// send, and nothing of anybody else's.
package struct Attack: Sendable {
  package let choice: AttackChoice
  /// The hostile sites, by name.
  package let hostile: [String]
  let seed: UInt64
  /// How many sites train, hostile ones among them.
  let trainers: Int

  /// `trainers` are the names of the sites that train, in any order; `participation` is what the coordinator asks of them in a
  /// round, nil where all train.
  ///
  /// The same seed gives the same hostile sites whatever the attack and the strategy, and a site that is left out changes
  /// nothing between the others. Throws `AttackError`.
  package init(_ choice: AttackChoice, trainers: [String], participation: String? = nil, seed: UInt64) throws
  {
    let (name, count) = (choice.kind.rawValue, choice.sites)
    guard count < trainers.count else {
      throw AttackError.tooManySites(attack: name, found: count, trainers: trainers.count)
    }
    if choice.kind == .alie {
      guard count >= 2 else { throw AttackError.tooFewSites(attack: name, found: count, needed: 2) }
      if choice["z"] == 0 && CollusionRule.littleIsEnough(sites: trainers.count, hostile: count) == nil {
        throw AttackError.noShift(attack: name, hostile: count, sites: trainers.count)
      }
    }
    if choice.kind.isColluding, let participation {
      throw AttackError.participation(attack: name, found: participation)
    }
    let drawn = trainers.map { site in
      var stream = RandomStream(seed: seed, purpose: .attack, site: site)
      return (lot: stream.nextUInt64(), site: site)
    }
    hostile = drawn.sorted { ($0.lot, $0.site) < ($1.lot, $1.site) }.prefix(count).map(\.site).sorted()
    self.choice = choice
    self.seed = seed
    self.trainers = trainers.count
  }

  /// One line for people.
  package var summary: String { "attack: \(choice.kind.rawValue) at \(hostile.joined(separator: ", "))" }

  /// The connections that the coordinator is given instead of the hostile sites' honest ones, by site.
  ///
  /// `honest` are all sites' connections, by name; `facts` and `memory` tell what a site that does not train claims of itself,
  /// and where it keeps the models that it is sent.
  package func connections(
    _ honest: [String: any SiteConnection], identity: RunIdentity, facts: (String) -> FreeRiderFacts?,
    memory: (String) -> RoundMemory
  ) -> [String: any SiteConnection] {
    let members = hostile.compactMap { honest[$0] }
    let collusion = collusionRule.map { Collusion(members, identity: identity, rule: $0) }
    var connections: [String: any SiteConnection] = [:]
    for base in members {
      if let collusion {
        connections[base.site] = ColludingConnection(base, identity: identity, collusion: collusion)
      } else if choice.kind == .freerider, let facts = facts(base.site) {
        connections[base.site] = FreeRider(
          base, identity: identity, sigma: choice["sigma"], delta: choice["delta"], seed: seed, facts: facts,
          memory: memory(base.site))
      } else if choice.kind == .absent {
        connections[base.site] = AbsentSite(base, identity: identity)
      } else if let change = updateChange {
        connections[base.site] = HostileConnection(base, identity: identity, seed: seed, change: change)
      }
    }
    return connections
  }

  private var collusionRule: CollusionRule? {
    switch choice.kind {
    case .alie:
      let z = choice["z"]
      return .littleIsEnough(
        z: z > 0 ? z : CollusionRule.littleIsEnough(sites: trainers, hostile: hostile.count) ?? 0)
    case .ipm: return .innerProduct(epsilon: choice["epsilon"])
    default: return nil
    }
  }

  private var updateChange: UpdateChange? {
    switch choice.kind {
    case .signflip: .scaled(by: -choice["scale"])
    case .scaling: .scaled(by: choice["scale"])
    case .gaussian: .noise(sigma: choice["sigma"])
    case .backdoor where choice["boost"] > 1: .scaled(by: choice["boost"])
    default: nil
    }
  }
}
