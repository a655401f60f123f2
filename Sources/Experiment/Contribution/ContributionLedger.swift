import Statistics

/// Contributions of sites, added up over rounds, for each site that judges.
struct ContributionLedger: Sendable {
  struct Site: Sendable {
    let site: String
    /// Shapley's, for each judge.
    var values: [Double]
    /// What the others are worth less without it, for each judge.
    var without: [Double]
    /// Squared standard error over permutations.
    var variance = 0.0
    var rounds = 0

    var value: Double { values.mean }
    var error: Double { variance.squareRoot() }

    /// Drawing the sites that judge; nil of fewer than two.
    func interval(seed: UInt64) -> ClusterBootstrap.Interval? {
      ClusterBootstrap(seed: seed).interval(values.map { [$0] })
    }
  }

  let judges: [String]
  /// In the order in which they first took part.
  private(set) var sites: [Site] = []
  /// What all rounds together have gained, for each judge.
  private(set) var gain: [Double]
  private(set) var asked = 0

  init(judges: [String]) {
    self.judges = judges
    gain = judges.map { _ in 0 }
  }

  mutating func add(_ names: [String], _ parts: [GuidedShapley.Part], without: [[Double]], asked: Int) {
    self.asked += asked
    for (index, name) in names.enumerated() {
      let place = sites.firstIndex { $0.site == name } ?? sites.count
      if place == sites.count {
        let nothing = judges.map { _ in 0.0 }
        sites.append(Site(site: name, values: nothing, without: nothing))
      }
      for judge in judges.indices {
        sites[place].values[judge] += parts[index].values[judge]
        sites[place].without[judge] += without[index][judge]
      }
      sites[place].variance += parts[index].error * parts[index].error
      sites[place].rounds += 1
    }
  }

  mutating func addGain(_ after: [Double], from before: [Double]) {
    for judge in gain.indices { gain[judge] += after[judge] - before[judge] }
  }
}
