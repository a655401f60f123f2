/// What coalitions of sites are worth to each of some judges (such as sites that score a model), asked for once.
///
/// A coalition is a bit set: site i is in it where bit i is 1.
package struct CoalitionValues: Sendable {
  package typealias Coalition = UInt64
  package typealias Utility = @Sendable (Coalition) async throws -> [Double]

  package let players: Int
  /// How many coalitions were asked for so far.
  package var asked: Int { known.count }
  private let utility: Utility
  private var known: [Coalition: [Double]] = [:]

  /// `utility` says what a model made of a coalition's updates alone is worth, as many numbers each time; that of nobody is the
  /// model without any.
  package init(players: Int, utility: @escaping Utility) {
    precondition(1...63 ~= players, "\(players) players")
    self.players = players
    self.utility = utility
  }

  package var everyone: Coalition { (1 << UInt64(players)) - 1 }

  package mutating func value(_ coalition: Coalition) async throws -> [Double] {
    if let value = known[coalition] { return value }
    let value = try await utility(coalition)
    known[coalition] = value
    return value
  }
}

extension [Double] {
  /// Adds `factor` times the difference of two.
  mutating func add(_ factor: Double, _ first: [Double], minus second: [Double]) {
    for index in indices { self[index] += factor * (first[index] - second[index]) }
  }
}
