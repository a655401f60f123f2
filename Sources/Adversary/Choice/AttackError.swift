import Foundations

/// What can be wrong with an attack that a user asks for.
package enum AttackError: DescribedError {
  case choice(ChoiceFault)
  /// No honest site would be left.
  case tooManySites(attack: String, found: Int, trainers: Int)
  /// It needs several that agree.
  case tooFewSites(attack: String, found: Int, needed: Int)
  /// The paper's formula gives no shift with so many sites.
  case noShift(attack: String, hostile: Int, sites: Int)
  /// Hostile sites that agree on their updates train in every round.
  case participation(attack: String, found: String)

  package var description: String {
    switch self {
    case .choice(let fault): fault.description
    case .tooManySites(let attack, let found, let trainers):
      "Attack \(attack): sites is \(found), expected fewer than the \(trainers) that train. "
        + "Lower sites, or train at more."
    case .tooFewSites(let attack, let found, let needed):
      "Attack \(attack): sites is \(found), expected \(needed) or more, since it is made of how their honest updates differ, "
        + "such as \(attack):sites=\(needed)."
    case .noShift(let attack, let hostile, let sites):
      "Attack \(attack): with \(hostile) hostile of \(sites) sites its formula gives no z above 0, expected one. "
        + "Give z, such as \(attack):sites=\(hostile),z=1, or change how many sites are hostile."
    case .participation(let attack, let found):
      "Attack \(attack): --participation is \(found), expected all, since its hostile sites train together in every round. "
        + "Leave --participation out, or choose another attack."
    }
  }
}
