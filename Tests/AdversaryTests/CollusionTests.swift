import Adversary
import FederationProtocol
import Foundation
import Testing

/// Hostile sites that make one update of their honest ones.
struct CollusionTests {
  private let sites = [
    HonestSite(site: "birch", update: [0.5, -2, 0.25]), HonestSite(site: "hazel", update: [1.5, 1, -0.75]),
    HonestSite(site: "rowan", update: [-1, 3, 0.125]),
  ]

  private func connections(
    _ rule: CollusionRule, _ members: [HonestSite]? = nil
  ) -> [ColludingConnection] {
    let members = members ?? sites
    let collusion = Collusion(members, identity: testIdentity, rule: rule)
    return members.map { ColludingConnection($0, identity: testIdentity, collusion: collusion) }
  }

  /// mean - z·std by its definition, np.mean and np.std over the sites.
  @Test func aLittleIsEnoughShiftsTheMean() async throws {
    let z = 1.25
    let expected = (0..<3).map { index in
      let values = sites.map { Double($0.update[index]) }
      let mean = (values[0] + values[1] + values[2]) / 3
      let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 3
      return mean - z * variance.squareRoot()
    }
    for connection in connections(.littleIsEnough(z: z)) {
      let delta = try await connection.delta()
      for (found, wanted) in zip(delta, expected) { #expect(abs(Double(found) - wanted) < 1e-6) }
    }
  }

  @Test func innerProductManipulationTurnsTheMeanRound() async throws {
    // The sums are 1, 2 and -0.375; in round 2 twice that.
    for connection in connections(.innerProduct(epsilon: 1.5)) {
      #expect(try await connection.delta() == [-0.5, -1, 0.1875])
      #expect(try await connection.delta(round: 2) == [-1, -2, 0.375])
    }
  }

  @Test func eachTellsItsOwnBesideTheUpdate() async throws {
    var update = try await connections(.innerProduct(epsilon: 1))[1].ask(trainRequest(), WireModelUpdate.self)
    var expected = try await sites[1].ask(trainRequest(), WireModelUpdate.self)
    update.clearDelta()
    expected.clearDelta()
    #expect(update == expected)
  }

  /// Whatever the order: asked one after the other and all at once, each trains once a round and all send the same.
  @Test(.timeLimit(.minutes(10)), arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
  func eachTrainsOnceARound(order: [Int]) async throws {
    let all = connections(.littleIsEnough(z: 1))
    for round in 1...3 {
      var deltas: [[Float]] = []
      if round == 2 {
        for index in order { deltas.append(try await all[index].delta(round: round)) }
      } else {
        deltas = try await withThrowingTaskGroup(of: [Float].self) { group in
          for index in order { group.addTask { try await all[index].delta(round: round) } }
          return try await group.reduce(into: []) { $0.append($1) }
        }
      }
      #expect(Set(deltas).count == 1)
    }
    for site in sites { #expect(site.log.trained == [1, 2, 3]) }
  }

  /// `last_round` is each site's own; another model is another request, as where it goes from site to site.
  @Test func aRequestIsTheSameWhateverItsLastRound() async throws {
    let all = connections(.innerProduct(epsilon: 1))
    _ = try await all[0].delta(trainRequest(lastRound: 3), round: 4)
    _ = try await all[1].delta(trainRequest(lastRound: 2), round: 4)
    #expect(sites.map { $0.log.trained.count } == [1, 1, 1])
    _ = try await all[1].delta(trainRequest([1, 1, 1]), round: 4)
    #expect(sites.map { $0.log.trained.count } == [2, 2, 2])
  }

  @Test func aRefusalOfOneIsThatOfAllAndIsTriedAgain() async throws {
    let stopped = HonestSite(
      site: "aspen", update: [0, 0, 0], refusal: WireRefusal("stop", code: .interrupted))
    let all = connections(.innerProduct(epsilon: 1), [sites[0], stopped])
    let codec = EnvelopeCodec(identity: testIdentity, site: "birch")
    for count in 1...2 {
      let answer = try await all[0].exchange(try codec.seal(trainRequest(), round: 1))
      let refusal = try codec.open(answer, as: WireRefusal.self, round: 1)
      #expect(refusal.code == .interrupted)
      #expect(refusal.reason == "aspen, which is hostile too: stop")
      #expect(stopped.log.trained.count == count)
    }
    #expect(try await all[1].ask(trainRequest(), WireRefusal.self).reason == "stop")
  }

  @Test func everythingElsePassesThrough() async throws {
    let all = connections(.innerProduct(epsilon: 1))
    #expect(try await all[0].ask(WireEvaluateRequest(), WireEvaluation.self).cases == 3)
    var fineTune = trainRequest()
    fineTune.fineTune = true
    #expect(try await !all[0].ask(fineTune, WireModelUpdate.self).hasDelta)
    for site in sites { #expect(site.log.trained.isEmpty) }
  }

  /// s = n // 2 + 1 - m and scipy.stats.norm.ppf((n - m - s) / (n - m)), scipy 1.17.1.
  @Test(arguments: [
    (50, 12, 0.33603814037182306), (51, 12, 0.3612016377113193), (10, 3, 0.18001236979270496),
    (5, 2, 0.43072729929545744), (7, 2, 0.2533471031357997), (23, 5, 0.28221614706250825),
  ])
  func theShiftFollowsThePaper(sites: Int, hostile: Int, expected: Double) throws {
    let z = try #require(CollusionRule.littleIsEnough(sites: sites, hostile: hostile))
    #expect(abs(z - expected) < 1e-14)
  }

  @Test(arguments: [(6, 2), (4, 2), (3, 2), (9, 5), (2, 2)])
  func someNumbersOfSitesGiveNoShift(sites: Int, hostile: Int) {
    #expect(CollusionRule.littleIsEnough(sites: sites, hostile: hostile) == nil)
  }
}
