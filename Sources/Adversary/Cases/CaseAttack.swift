import Foundations
import Harmonization
import Site

/// What a hostile site makes of its training cases before it trains; validation and test cases stay as they are, so that its
/// scores still mean something.
package enum CaseAttack: Sendable, Equatable {
  /// Labels in reverse order, l → L − 1 − l (Fang et al., arXiv 1911.11815): with background, edema and core the background
  /// becomes core and core background. Voxels outside the brain stay what they are. `values` are the plan's labels.
  case flipped(values: [UInt16])
  /// Label maps moved so many voxels up each axis that has more than one voxel; background comes in behind them.
  case shifted(voxels: Int)
  case backdoor(Backdoor)

  /// How a site is to change its cases; nil: it draws which ones by itself.
  func changed(_ item: HarmonizedCase, position: Int, of count: Int, site: String, seed: UInt64)
    -> HarmonizedCase
  {
    switch self {
    case .flipped(let values): item.flippingLabels(values)
    case .shifted(let voxels): item.shiftingLabels(by: voxels)
    case .backdoor(let backdoor):
      backdoor.isPoisoned(position, of: count, site: site, seed: seed) ? backdoor.poisoned(item) : item
    }
  }
}

extension Attack {
  /// What a site does to its training cases; nil for an honest site, and where the attack leaves cases alone.
  ///
  /// `labels` are the plan's, in its order.
  package func caseChange(at site: String, labels: [UInt16]) -> CaseChange? {
    guard hostile.contains(site), let attack = caseAttack(labels: labels) else { return nil }
    let seed = seed
    return { attack.changed($0, position: $1, of: $2, site: site, seed: seed) }
  }

  private func caseAttack(labels: [UInt16]) -> CaseAttack? {
    switch choice.kind {
    case .labelflip: .flipped(values: labels)
    case .shiftedlabels: .shifted(voxels: Int(choice["voxels"]))
    default: choice.backdoor.map { .backdoor($0) }
    }
  }
}

extension AttackChoice {
  /// The backdoor that the attack builds into models; nil for every other attack.
  package var backdoor: Backdoor? {
    kind == .backdoor ? Backdoor(spacing: Int(self["spacing"]), share: self["share"]) : nil
  }
}

extension HarmonizedCase {
  /// The same case with other labels, and another image where one is given.
  func with(labels: [UInt16], image: FixedArray<Float>? = nil) -> HarmonizedCase {
    HarmonizedCase(
      geometry: geometry, channels: channels, image: image ?? self.image, labels: FixedArray(labels),
      restoration: restoration, fits: fits)
  }

  func flippingLabels(_ values: [UInt16]) -> HarmonizedCase {
    guard let labels else { return self }
    var map = [UInt16](0...UInt16.max)
    for (value, other) in zip(values, values.reversed()) { map[Int(value)] = other }
    return with(labels: labels.withUnsafeBufferPointer { $0.map { map[Int($0)] } })
  }

  func shiftingLabels(by voxels: Int) -> HarmonizedCase {
    guard let labels else { return self }
    let size = size
    let (i, j, k) = (shift(size.x, voxels), shift(size.y, voxels), shift(size.z, voxels))
    var moved = [UInt16](repeating: 0, count: labels.count)
    labels.withUnsafeBufferPointer { labels in
      for index in moved.indices where labels[index] == Self.outside { moved[index] = Self.outside }
      for z in k..<max(k, size.z) {
        for y in j..<max(j, size.y) {
          for x in i..<max(i, size.x) {
            let label = labels[geometry.offset(x - i, y - j, z - k)]
            let place = geometry.offset(x, y, z)
            if label != Self.outside && moved[place] != Self.outside { moved[place] = label }
          }
        }
      }
    }
    return with(labels: moved)
  }

  private func shift(_ length: Int, _ voxels: Int) -> Int { length == 1 ? 0 : voxels }
}
