import Foundations

/// How the cases of a folder without sites are dealt to simulated ones.
package enum SitePartition: Sendable, Equatable, CustomStringConvertible {
  /// Shares of the cases drawn from a symmetric Dirichlet distribution (quantity skew; Li et al., NIID-Bench 2022):
  /// the smaller the concentration, the more unequal the sites.
  case dirichlet(Double)
  /// Equal numbers of cases, in order of the labelled volume in mm³: sites of small and of large lesions.
  case size
  /// Shares of the cases as at the 23 sites of FeTS 2022.
  case naturalFeTS

  /// Cases per site of the natural partition of FeTS 2022 (FETS-AI/Challenge): 23 sites, 1251 cases.
  package static let federatedTumourCounts = [
    511, 6, 15, 47, 22, 34, 12, 8, 4, 8, 14, 11, 35, 6, 13, 30, 9, 382, 4, 33, 35, 7, 5,
  ]

  /// What may be typed, for messages.
  package static let spellings = "dirichlet:<concentration> such as dirichlet:0.5, size, natural:fets23"

  package var description: String {
    switch self {
    case .dirichlet(let concentration): "dirichlet:\(concentration)"
    case .size: "size"
    case .naturalFeTS: "natural:fets23"
    }
  }

  /// Reads what `description` writes; nil where it is something else.
  package init?(_ text: String) {
    switch text {
    case "size": self = .size
    case "natural:fets23": self = .naturalFeTS
    default:
      guard text.hasPrefix("dirichlet:"), let concentration = Double(text.dropFirst(10)),
        (0.001...1000).contains(concentration)
      else { return nil }
      self = .dirichlet(concentration)
    }
  }
}

extension DatasetFolder {
  /// Cases that every simulated site gets at least: one each to train, to choose and to test.
  package static let leastCases = 3

  /// The same cases at `count` simulated sites, `site-1` and so on; a seed gives the same sites everywhere.
  ///
  /// `count` nil: as many as the partition has by itself. Throws `LayoutError` for a folder that has sites already or
  /// too few cases, and for `.size` what reading label maps throws.
  package func partitioned(
    into count: Int?, by partition: SitePartition, seed: UInt64, path: String, loop: ParallelLoop
  ) throws -> DatasetFolder {
    guard sites.count == 1 else { throw LayoutError.hasSites(path: path, sites: sites.map(\.name)) }
    let own = partition == .naturalFeTS ? SitePartition.federatedTumourCounts.count : nil
    guard let number = count ?? own, own == nil || number == own else {
      throw LayoutError.siteCount(path: path, partition: "\(partition)", found: count, expected: own)
    }
    let cases = sites[0].cases
    guard number > 0, cases.count >= number * Self.leastCases else {
      throw LayoutError.fewCases(path: path, cases: cases.count, sites: number, least: Self.leastCases)
    }
    var stream = RandomStream(seed: seed, purpose: .sites)
    var order = stream.permutation(cases.count)
    let shares: [Double]
    switch partition {
    case .dirichlet(let concentration): shares = (0..<number).map { _ in stream.gamma(shape: concentration) }
    case .naturalFeTS: shares = SitePartition.federatedTumourCounts.map(Double.init)
    case .size:
      let volumes = try loop.map(cases.count) { try cases[$0].labelledVolume() }
      order = cases.indices.sorted { (volumes[$0], $0) < (volumes[$1], $1) }
      shares = [Double](repeating: 1, count: number)
    }
    let width = String(number).count
    var next = 0
    let made = Self.counts(cases.count, shares: shares, least: Self.leastCases).enumerated().map {
      index, size in
      defer { next += size }
      let name = String(index + 1)
      return SiteFolder(
        name: "site-" + String(repeating: "0", count: width - name.count) + name, path: sites[0].path,
        cases: order[next..<next + size].sorted().map { cases[$0] })
    }
    return DatasetFolder(sites: made, layout: layout, labels: labels, regions: regions)
  }

  /// `total` cut by shares, `least` for each first; what is left over goes by largest remainder.
  static func counts(_ total: Int, shares: [Double], least: Int) -> [Int] {
    let free = total - least * shares.count
    let sum = shares.reduce(0, +)
    let exact = shares.map { sum > 0 ? Double(free) * $0 / sum : Double(free) / Double(shares.count) }
    var counts = exact.map { Int($0) }
    let order = exact.indices.sorted {
      (exact[$1] - exact[$1].rounded(.down), $0) < (exact[$0] - exact[$0].rounded(.down), $1)
    }
    for index in order.prefix(free - counts.reduce(0, +)) { counts[index] += 1 }
    return counts.map { $0 + least }
  }
}

extension CaseFiles {
  /// Labelled voxels in mm³; 0 without a label map. Throws as `CaseLoader.readLabels`.
  fileprivate func labelledVolume() throws -> Double {
    guard let label else { return 0 }
    let map = try CaseLoader.readLabels(label)
    let spacing = map.geometry.spacing
    let voxels = map.labels.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
    return Double(voxels) * spacing.x * spacing.y * spacing.z
  }
}
