import Coordinator
import Foundation
import Testing

struct FederatedAveragingTests {
  /// Gradient descent on quadratics, K steps a round: w ← c̄ + (1 − η)ᴷ (w − c̄), c̄ weighted by cases.
  @Test(arguments: [(1, 1), (3, 5), (10, 2)])
  func equalsTheClosedForm(rounds: Int, steps: Int) async throws {
    let sites = testSites()
    let result = try await federation(sites, settings: testSettings(rounds: rounds, steps: steps)).run()
    let total = Double(sites.reduce(0) { $0 + $1.cases })
    let shrink = pow(1 - 0.1, Double(rounds * steps))
    for index in startModel.values.indices {
      let centre = sites.reduce(0.0) { $0 + Double($1.cases) * Double($1.centre[index]) } / total
      let expected = centre + shrink * (Double(startModel.values[index]) - centre)
      #expect(abs(Double(result.model.values[index]) - expected) < 1e-5)
    }
  }

  @Test func isTheWeightedMeanOfTheUpdates() {
    var sum = WeightedSum(count: 2)
    sum.add([1, 10], weight: 3)
    sum.add([5, -2], weight: 1)
    #expect(sum.weight == 4)
    var state: [ServerBuffer] = []
    #expect(
      FederatedAveraging().apply(RoundSum(sum, sites: 2), to: [100, 200], state: &state) == [
        102, 207,
      ])
    let facts = UpdateFacts(site: "a", cases: 12, steps: 99, meanLoss: 0.3)
    #expect(FederatedAveraging().contributions([facts], weighting: .cases) == [Contribution(weight: 12)])
  }

  @Test func sumsInDouble() {
    // In Float, 2^24 + 1 is lost.
    var sum = WeightedSum(count: 1)
    sum.add([16_777_216], weight: 1)
    sum.add([1], weight: 1)
    sum.add([-16_777_216], weight: 1)
    #expect(sum.values == [1])
  }

  @Test(arguments: [[0, 1, 2], [2, 0, 1], [2, 1, 0], [1, 0, 2]])
  func orderOfConnectionsChangesNoBit(order: [Int]) async throws {
    let sites = testSites()
    let reference = try await federation(sites, settings: testSettings(rounds: 4)).run()
    let result = try await federation(order.map { sites[$0] }, settings: testSettings(rounds: 4)).run()
    #expect(result.model.values.map(\.bitPattern) == reference.model.values.map(\.bitPattern))
    #expect(result.rounds == reference.rounds)
    #expect(result.tests == reference.tests)
    #expect(result.traffic == reference.traffic)
  }
}
